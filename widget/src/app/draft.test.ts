import { memoryStore } from "@switchboard/wire";
import { describe, expect, it } from "vitest";
import { Drafts, noDraft, parseDraft } from "./draft.ts";

describe("drafts", () => {
  it("belong_to_one_visitor", () => {
    const drafts = new Drafts(memoryStore(), "sb:wk_1:");
    drafts.save("ana", { ...noDraft(), text: "hello" });
    expect(drafts.load("ana").text).toBe("hello");
    expect(drafts.load("ben")).toEqual(noDraft());
  });

  it("leave_no_trace_when_empty", () => {
    const store = memoryStore();
    const drafts = new Drafts(store, "sb:wk_1:");
    drafts.save("ana", { ...noDraft(), text: "hello" });
    expect(store.keys("sb:wk_1:")).toEqual(["sb:wk_1:draft:ana"]);
    drafts.save("ana", noDraft());
    expect(store.keys("")).toEqual([]);
  });

  it.each([null, "", "{", "null", "3", '"x"', "[]", '{"text":3,"files":"x","replyTo":{}}'])(
    "%s in the store is an empty draft",
    (stored) => {
      expect(parseDraft(stored)).toEqual(noDraft());
    },
  );
});
