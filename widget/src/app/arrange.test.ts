import type { VisitorMessage } from "@switchboard/wire";
import { describe, expect, it } from "vitest";
import { arrange } from "./arrange.ts";
import type { ChatLine } from "./chat.ts";

const noon = new Date(2026, 5, 10, 12).getTime();

function line(n: number, minutes: number, name?: string): ChatLine {
  const author = name ? { kind: "agent", id: name, name } : { kind: "you" };
  const created_at = new Date(noon + minutes * 60_000).toISOString();
  return { key: `m${n}`, row: { n, author, created_at } as VisitorMessage, entry: null };
}

/** `day`, `new`, or the line's key between the edges of its group. */
const drawn = (lines: ChatLine[], readBefore: number | null = null) =>
  arrange(lines, readBefore)
    .map((item) =>
      item.kind === "line"
        ? `${item.first ? "[" : ""}${item.key}${item.last ? "]" : ""}`
        : item.kind,
    )
    .join(" ");

describe("arranging a conversation", () => {
  it("groups_one_authors_messages_that_are_close_in_time", () => {
    const lines = [
      line(1, 0),
      line(2, 1),
      line(3, 2, "ana"),
      line(4, 3, "ben"),
      line(5, 20, "ben"),
    ];
    expect(drawn(lines)).toBe("day [m1 m2] [m3] [m4] [m5]");
  });

  it("begins_every_day_anew", () => {
    expect(drawn([line(1, 0), line(2, 60 * 24)])).toBe("day [m1] day [m2]");
  });

  it("marks_where_the_unread_begin_once", () => {
    const lines = [line(1, 0, "ana"), line(2, 1), line(3, 2, "ana"), line(4, 3, "ana")];
    expect(drawn(lines, 1)).toBe("day [m1] [m2] new [m3 m4]");
    expect(drawn(lines, 4)).toBe("day [m1] [m2] [m3 m4]");
  });

  it("begins_the_unread_with_a_message_that_is_there_still", () => {
    const [gone, there] = [line(1, 0, "ana"), line(2, 1, "ana")];
    if (gone.row) gone.row.deleted_at = new Date(noon).toISOString();
    expect(drawn([gone, there], 0)).toBe("day [m1] new [m2]");
  });
});
