import { describe, expect, test } from "vitest";
import {
  capped,
  dayHeading,
  fileSize,
  hue,
  initials,
  names,
  shortAgo,
  shortUrl,
  until,
} from "./format.ts";

const now = new Date(2026, 2, 10, 15, 30).getTime();
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();

describe("times", () => {
  test("a list shows as little as is understood", () => {
    expect([0.5, 4, 59, 60, 200].map((minutes) => shortAgo(ago(minutes), now))).toEqual([
      "now",
      "4m",
      "59m",
      "1h",
      "3h",
    ]);
    expect(shortAgo(ago(2 * 1440), now)).toBe("Sun");
    expect(shortAgo(ago(20 * 1440), now)).toMatch(/18/);
    expect(shortAgo(ago(400 * 1440), now)).toMatch(/2025/);
  });

  test("days are called by their name", () => {
    expect(dayHeading(new Date(now), now)).toBe("Today");
    expect(dayHeading(new Date(now - 86_400_000), now)).toBe("Yesterday");
    expect(dayHeading(new Date(now - 3 * 86_400_000), now)).toBe("Saturday");
  });

  test("what is to come says its day unless it is today", () => {
    expect(until(now + 3_600_000, now)).toMatch(/^(16:30|4:30)/);
    expect(until(now + 86_400_000, now)).toMatch(/^tomorrow, /);
    expect(until(now + 3 * 86_400_000, now)).toMatch(/^Fri, /);
  });
});

test("sizes keep two digits that matter", () => {
  expect([0, 999, 1500, 1_482_000, 26_214_400].map(fileSize)).toEqual([
    "0 B",
    "999 B",
    "1.5 KB",
    "1.4 MB",
    "25 MB",
  ]);
});

test("initials are first and last, also outside of Latin and the basic plane", () => {
  expect(["Ana María López", "ana", "  ", "李 小龙", "🦊 Fox"].map(initials)).toEqual([
    "AL",
    "A",
    "?",
    "李小",
    "🦊F",
  ]);
});

test("a colour is always the same and a hue", () => {
  expect(hue("mem_1")).toBe(hue("mem_1"));
  expect(hue("anything")).toBeLessThan(360);
});

test("names are joined as a sentence does", () => {
  expect(names(["Ana"])).toBe("Ana");
  expect(names(["Ana", "Ben"])).toBe("Ana and Ben");
});

test("an address is short and a bad one is left alone", () => {
  expect(shortUrl("https://shop.example/a/b/?x=1#y")).toBe("shop.example/a/b");
  expect(shortUrl("not an address")).toBe("not an address");
  expect(capped(120)).toBe("99+");
});
