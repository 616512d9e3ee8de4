import { expect, test } from "vitest";
import { conversation } from "./testing.ts";
import { belongs, NO_COUNTS, queryOf, recount } from "./views.ts";

const ME = "mem_me";

test("a conversation is in the views of its status, assignee and labels", () => {
  const mine = conversation("a", { assignee: ME, labels: ["lbl_x"] });
  const views = ["mine", "unassigned", "open", "pending", "resolved", "label:lbl_x"] as const;
  expect(views.filter((view) => belongs(view, mine, ME))).toEqual(["mine", "open", "label:lbl_x"]);
  const done = { ...mine, status: { state: "resolved" as const } };
  expect(views.filter((view) => belongs(view, done, ME))).toEqual(["resolved", "label:lbl_x"]);
});

test("each view asks for what it holds", () => {
  expect(queryOf("mine")).toEqual({ status: "open", assignee: "me" });
  expect(queryOf("snoozed")).toEqual({ status: "snoozed" });
  expect(queryOf("label:lbl_x")).toEqual({ status: "all", label: "lbl_x" });
});

test("counts follow a known conversation without asking", () => {
  const before = conversation("a", { unread: 2 });
  const counts = { ...NO_COUNTS, open: 5, unassigned: 3, unread: 1 };
  const taken = recount(counts, before, { ...before, assignee: ME, unread: 0 }, ME);
  expect(taken).toEqual({ ...counts, unassigned: 2, mine: 1, unread: 0 });
  const resolved = { ...before, assignee: ME, unread: 0, status: { state: "resolved" as const } };
  expect(recount(counts, before, resolved, ME)).toMatchObject({ open: 4, resolved: 1, mine: 0 });
});
