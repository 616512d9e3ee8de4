import { describe, expect, it } from "vitest";
import { missingKeys, readLocales } from "../../locales.mjs";
import { daysBetween, phrase, pickLocale, speech, type Words } from "./locale.ts";

const tables = new Map<string, Words>(Object.entries(readLocales()));
const english = tables.get("en") as Words;

describe("languages", () => {
  it.each([
    [["fr-CA", "en"], "fr"],
    [["xx", "PT_br", "en"], "pt"],
    [["zh-Hant-TW"], "zh"],
    [["nl", "sv"], "en"],
    [[], "en"],
  ])("%j is answered in %s", (wished, expected) => {
    expect(pickLocale(wished, [...tables.keys()])).toBe(expected);
  });

  it("every_language_says_everything", () => {
    expect([...tables.keys()].sort()).toEqual(["ar", "de", "en", "es", "fr", "hi", "pt", "zh"]);
    for (const table of tables.values()) expect(missingKeys(english, table)).toEqual([]);
  });

  it("every_plural_form_of_a_language_is_there", () => {
    for (const [language, table] of tables) {
      const plural = new Intl.PluralRules(language);
      for (const [key, text] of Object.entries(table)) {
        if (typeof text === "string") continue;
        for (let count = 0; count < 120; count++) {
          const form = plural.select(count);
          expect(text[form] ?? text.other, `${language} ${key} ${form}`).toBeTruthy();
        }
      }
    }
  });

  it("chooses_the_plural_form_and_fills_in", () => {
    const say = (key: string, count: number) =>
      phrase(english, new Intl.PluralRules("en"), key, { count });
    expect(say("open-unread", 1)).toBe("Open chat, 1 unread message");
    expect(say("open-unread", 3)).toBe("Open chat, 3 unread messages");
    const arabic = tables.get("ar") as Words;
    const two = phrase(arabic, new Intl.PluralRules("ar"), "open-unread", { count: 2 });
    expect(two).toBe("فتح المحادثة، رسالتان غير مقروءتين");
  });

  it("a_value_cannot_bring_its_own_placeholder", () => {
    const plural = new Intl.PluralRules("en");
    expect(phrase(english, plural, "remove", { name: "{name}{count}" })).toBe(
      "Remove {name}{count}",
    );
  });

  it("speaks_of_days_and_time_to_come", () => {
    const say = speech("en", english, ["en-GB"]);
    const noon = new Date(2026, 5, 10, 12).getTime();
    expect(say.day(noon - 3_600_000, noon)).toBe("Today");
    expect(say.day(noon - 86_400_000, noon)).toBe("Yesterday");
    expect(say.day(new Date(2026, 5, 1).getTime(), noon)).toMatch(/Monday.* 1 June$/);
    expect(say.day(new Date(2024, 0, 5).getTime(), noon)).toContain("2024");
    expect(say.soon(5)).toBe("in 5 seconds");
  });

  it("counts_midnights_not_hours", () => {
    const late = new Date(2026, 2, 28, 23, 59).getTime();
    expect(daysBetween(late, late + 120_000)).toBe(1);
    expect(daysBetween(late - 80_000_000, late)).toBe(0);
  });

  it("knows_which_way_to_write", () => {
    expect(speech("ar", english, ["ar"]).rtl).toBe(true);
    expect(speech("hi", english, ["hi"]).rtl).toBe(false);
  });
});
