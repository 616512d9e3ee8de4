import type { BusinessConnection } from "@switchboard/wire";
import { expect, test } from "vitest";
import { conversation, minute } from "./testing.ts";
import { isShut, isSplit, mayWrite, standing, standingWords } from "./window.ts";

const now = Date.parse(minute(0));
const whatsapp = (until: number) => ({
  free_until: minute(until),
  human_until: null,
  templates: true,
});

test("without a window there is no limit", () => {
  expect(standing(null, now)).toBeNull();
  expect(mayWrite(null, now)).toBe(true);
});

test("a free window counts down and asks for attention near its end", () => {
  expect(standing(whatsapp(180), now)).toEqual({ kind: "free", left: 10_800_000, soon: false });
  expect(standing(whatsapp(60), now)).toMatchObject({ kind: "free", soon: true });
});

test("after it templates remain on WhatsApp, and a person's week on Messenger", () => {
  expect(standing(whatsapp(-1), now)).toEqual({ kind: "templates" });
  expect(mayWrite(whatsapp(-1), now)).toBe(false);
  const messenger = { free_until: minute(-1), human_until: minute(600), templates: false };
  expect(standing(messenger, now)).toMatchObject({ kind: "human" });
  expect(mayWrite(messenger, now)).toBe(true);
  expect(standing({ ...messenger, human_until: minute(-1) }, now)).toEqual({ kind: "closed" });
});

test("what whoever it runs through does not allow is not to be had at any time", () => {
  const sofia = (access: BusinessConnection["access"]): BusinessConnection => ({
    id: "Bk1",
    name: "Sofia",
    handle: "@sofia_shop",
    access,
    rights: [],
    made_at: minute(0),
  });
  for (const access of ["switched_off", "no_reply"] as const) {
    const refused = standing(whatsapp(180), now, sofia(access));
    expect(refused).toEqual({ kind: "refused", why: access, name: "Sofia" });
    expect(isShut(refused)).toBe(true);
    expect(refused && standingWords(refused)).toContain("Sofia");
  }
  expect(standing(whatsapp(180), now, sofia("open"))).toMatchObject({ kind: "free" });
});

test("Instagram counts bytes and the others characters", () => {
  const instagram = conversation("a", { channel: "instagram" });
  expect(isSplit(instagram, "é".repeat(501))).toBe(true);
  expect(isSplit(instagram, "é".repeat(500))).toBe(false);
  expect(isSplit(conversation("b", { channel: "whatsapp" }), "é".repeat(4096))).toBe(false);
  expect(isSplit(conversation("c"), "é".repeat(9999))).toBe(false);
});
