/** The small pure things: permissions, snoozing, shortcuts, colours, drafts. */
import { beforeEach, describe, expect, test } from "vitest";
import { Chords, type Press } from "./chords.ts";
import { readableOn } from "./color.ts";
import { Drafts, EMPTY } from "./drafts.ts";
import { findEmoji } from "./emoji.ts";
import { grantable, mayDelete, mayEdit, mayManage } from "./permissions.ts";
import { localInput, snoozePresets } from "./snooze.ts";
import { member, message } from "./testing.ts";
import { TypingSignal } from "./typingSignal.ts";

describe("permissions", () => {
  test("only an owner makes or unmakes owners", () => {
    expect(grantable("owner")).toEqual(["agent", "admin", "owner"]);
    expect(grantable("admin")).toEqual(["agent", "admin"]);
    expect(grantable("agent")).toEqual([]);
    expect(mayManage("admin", "owner")).toBe(false);
  });

  test("people change what they wrote; admins also remove what others wrote", () => {
    const mine = message(1, { author: { kind: "agent", id: "mem_a" } });
    const theirs = message(2);
    const agent = member("mem_a");
    const admin = member("mem_b", { role: "admin" });
    expect([mayEdit(mine, agent), mayDelete(mine, agent)]).toEqual([true, true]);
    expect([mayEdit(theirs, agent), mayDelete(theirs, agent)]).toEqual([false, false]);
    expect([mayEdit(mine, admin), mayDelete(mine, admin)]).toEqual([false, true]);
    expect(mayDelete(message(3, { deleted_at: "x" }), admin)).toBe(false);
  });
});

describe("snoozing", () => {
  const keys = (now: Date) => snoozePresets(now).map((preset) => preset.key);

  test("offers what makes sense at this time of the week", () => {
    expect(keys(new Date(2026, 2, 11, 10))).toEqual([
      "later",
      "evening",
      "tomorrow",
      "monday",
      "week",
    ]);
    expect(keys(new Date(2026, 2, 11, 20))).not.toContain("evening");
    expect(keys(new Date(2026, 2, 15, 10))).not.toContain("monday");
    expect(keys(new Date(2026, 2, 9, 10))).not.toContain("week");
  });

  test("always lies in the future", () => {
    for (let hour = 0; hour < 24 * 8; hour += 1) {
      const now = new Date(2026, 2, 9, hour, 59);
      for (const preset of snoozePresets(now)) expect(preset.until > now).toBe(true);
    }
  });

  test("speaks to the input in the person's own time", () => {
    expect(localInput(new Date(2026, 0, 5, 7, 4))).toBe("2026-01-05T07:04");
  });
});

describe("shortcuts", () => {
  const known = ["g m", "g u", "m", "mod+k", "?"];
  const press = (key: string, changes: Partial<Press> = {}): Press => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    ...changes,
  });

  test("single keys and sequences are told apart", () => {
    const chords = new Chords();
    expect(chords.press(press("m"), known, 0)).toBe("m");
    expect(chords.press(press("g"), known, 100)).toBeNull();
    expect(chords.press(press("m"), known, 200)).toBe("g m");
    expect(chords.press(press("m"), known, 300)).toBe("m");
  });

  test("a sequence that takes too long is forgotten", () => {
    const chords = new Chords();
    chords.press(press("g"), known, 0);
    expect(chords.press(press("m"), known, 5_000)).toBe("m");
  });

  test("the command key is either of the two, and Alt belongs to the browser", () => {
    const chords = new Chords();
    expect(chords.press(press("k", { ctrlKey: true }), known, 0)).toBe("mod+k");
    expect(chords.press(press("K", { metaKey: true }), known, 0)).toBe("mod+k");
    expect(chords.press(press("m", { altKey: true }), known, 0)).toBeNull();
  });
});

test("words on a chosen colour can be read", () => {
  expect(["#2f5bea", "#111827", "#ffe08a", "nonsense"].map(readableOn)).toEqual([
    "#ffffff",
    "#ffffff",
    "#111111",
    "#ffffff",
  ]);
});

test("emoji are found by the beginnings of their words", () => {
  expect(findEmoji("thumb up").map((one) => one.emoji)).toEqual(["👍"]);
  expect(findEmoji("zzz")).toEqual([]);
});

describe("drafts", () => {
  let now = 0;
  beforeEach(() => {
    localStorage.clear();
    now = 1_000;
  });
  const file = { id: "att_1", name: "a.png" } as never;

  test("survive, and end when they are empty", () => {
    const drafts = new Drafts("mem_a", () => now);
    drafts.set("cnv_1", "note", { ...EMPTY, text: "hello" });
    expect(new Drafts("mem_a", () => now).get("cnv_1", "note")?.text).toBe("hello");
    expect(new Drafts("mem_b", () => now).get("cnv_1", "note")).toBeNull();
    drafts.set("cnv_1", "note", EMPTY);
    expect(drafts.get("cnv_1", "note")).toBeNull();
  });

  test("of a note and of a reply never become one another", () => {
    const drafts = new Drafts("mem_a", () => now);
    drafts.set("cnv_1", "note", { ...EMPTY, text: "between us" });
    expect(drafts.get("cnv_1", "public")).toBeNull();
    expect(drafts.newest("cnv_1")).toBe("note");
    now += 1;
    drafts.set("cnv_1", "public", { ...EMPTY, text: "for all" });
    expect(drafts.get("cnv_1", "note")?.text).toBe("between us");
    expect(drafts.newest("cnv_1")).toBe("public");
  });

  test("forget uploads that the server has dropped, and themselves after a month", () => {
    const drafts = new Drafts("mem_a", () => now);
    drafts.set("cnv_1", "public", { ...EMPTY, text: "see this", attachments: [file] });
    expect(drafts.get("cnv_1", "public")?.attachments).toHaveLength(1);
    now += 23 * 3_600_000;
    expect(drafts.get("cnv_1", "public")?.attachments).toEqual([]);
    now += 31 * 86_400_000;
    drafts.sweep();
    expect(drafts.get("cnv_1", "public")).toBeNull();
  });

  test("that are damaged are no drafts", () => {
    localStorage.setItem("sb:draft:mem_a:cnv_1:public", "{not json");
    expect(new Drafts("mem_a", () => now).get("cnv_1", "public")).toBeNull();
  });
});

test("typing is said every few seconds and its end once", () => {
  let now = 0;
  const said: boolean[] = [];
  const signal = new TypingSignal(
    (on) => said.push(on),
    () => now,
  );
  for (const at of [0, 500, 2_900, 3_100]) {
    now = at;
    signal.typed(true);
  }
  signal.stop();
  signal.stop();
  signal.typed(false);
  expect(said).toEqual([true, true, false]);
});
