import { describe, expect, it } from "vitest";
import { linkify, onlyEmoji } from "./linkify.ts";

/** Links in brackets. */
const shown = (text: string) =>
  linkify(text)
    .map((part) => (part.href ? `[${part.text}]` : part.text))
    .join("");

describe("addresses in text", () => {
  it.each([
    ["see https://a.example/x.", "see [https://a.example/x]."],
    ["(https://a.example/x)", "([https://a.example/x])"],
    ["https://en.example/Mug_(cup)", "[https://en.example/Mug_(cup)]"],
    ["www.a.example, or ana@a.example!", "[www.a.example], or [ana@a.example]!"],
    ["看 https://a.example/页。", "看 [https://a.example/页]。"],
    ["one\nhttps://a.example\ntwo", "one\n[https://a.example]\ntwo"],
    ["javascript:alert(1) data:text/html,x", "javascript:alert(1) data:text/html,x"],
    ["<a href='https://a.example'>x</a>", "<a href='[https://a.example]'>x</a>"],
    ["http://", "http://"],
    ["", ""],
  ])("%s", (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it("no_text_is_lost", () => {
    const text = "a https://x.example/?q=(1) b c@d.example www.e.example. f";
    expect(
      linkify(text)
        .map((part) => part.text)
        .join(""),
    ).toBe(text);
  });

  it("only_web_and_mail_become_links", () => {
    for (const { href } of linkify("https://a.example www.b.example c@d.example ftp://e.example")) {
      if (href) expect(href).toMatch(/^(https:\/\/|mailto:)/);
    }
  });

  it("long_runs_do_not_blow_up", () => {
    const address = "https://a.example/";
    expect(shown(address + ")".repeat(8000))).toBe(`[${address}]${")".repeat(8000)}`);
    expect(shown("a".repeat(8000))).toBe("a".repeat(8000));
    expect(shown(`${"a.".repeat(4000)}@`)).toBe(`${"a.".repeat(4000)}@`);
  });

  it("knows_a_message_of_emoji_alone", () => {
    for (const text of ["👍", "❤️", "👩‍🚀👏🏽", "🎉 🎉 🎉"]) expect(onlyEmoji(text)).toBe(true);
    for (const text of ["", "a👍", "👍👍👍👍", "12", "#"]) expect(onlyEmoji(text)).toBe(false);
  });
});
