import { describe, expect, test } from "vitest";
import { excerptAround, highlight, isEmojiOnly, linkify, words } from "./text.ts";

const links = (text: string) =>
  linkify(text)
    .filter((part) => part.kind === "link")
    .map((part) => part.href);

describe("links", () => {
  test("are found without what the sentence adds", () => {
    expect(links("See https://a.example/x?y=1. And (www.b.example)!")).toEqual([
      "https://a.example/x?y=1",
      "https://www.b.example",
    ]);
    expect(links("https://en.example/wiki/A_(b)")).toEqual(["https://en.example/wiki/A_(b)"]);
    expect(links("mail ana@shop.example, please")).toEqual(["mailto:ana@shop.example"]);
  });

  test("never run code", () => {
    expect(links("javascript:alert(1) data:text/html,x vbscript:y")).toEqual([]);
  });

  test("and text together are the whole text", () => {
    for (const text of ["", "plain", "a https://b.example c", "https://b.example", "x@y.z."]) {
      expect(
        linkify(text)
          .map((part) => part.text)
          .join(""),
      ).toBe(text);
    }
  });
});

describe("search", () => {
  test("marks whole words in any case and alphabet", () => {
    const marked = (text: string, query: string) =>
      highlight(text, query)
        .filter((part) => part.kind === "mark")
        .map((part) => part.text);
    expect(marked("The order and the reorder: ORDER", "order")).toEqual(["order", "ORDER"]);
    expect(marked("Привет, мир", "мир")).toEqual(["мир"]);
    expect(marked("a.b a+b", "(")).toEqual([]);
  });

  test("reads words out of anything typed", () => {
    expect(words("  NW-20481, “blue” ")).toEqual(["NW", "20481", "blue"]);
  });

  test("shows the part of a long message where the word is", () => {
    const text = `${"before ".repeat(60)}needle ${"after ".repeat(60)}`;
    const excerpt = excerptAround(text, "needle");
    expect(excerpt).toContain("needle");
    expect(excerpt.length).toBeLessThan(190);
  });
});

test("a few emoji alone are shown large", () => {
  expect(["👍", "❤️ 🎉", "👩🏽‍🚀", "🇪🇸"].map(isEmojiOnly)).toEqual([true, true, true, true]);
  expect(["", "hi 👍", "123", "👍👍👍👍"].map(isEmojiOnly)).toEqual([false, false, false, false]);
});
