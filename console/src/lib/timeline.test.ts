import { type DraftOf, type Entry, threadView } from "@switchboard/wire";
import { expect, test } from "vitest";
import { conversation, message, minute } from "./testing.ts";
import { deliveryOf, type Item, tickOf, timeline, writtenAt } from "./timeline.ts";

const agent = { kind: "agent", id: "mem_me" } as const;
const options = { me: "mem_me", readUpTo: null };

function shape(items: Item[]): string[] {
  return items.map((item) =>
    item.kind === "message" ? `${item.first ? "[" : ""}m${item.last ? "]" : ""}` : item.kind,
  );
}

function entry(changes: Partial<Entry<DraftOf<"agent">>> = {}): Entry<DraftOf<"agent">> {
  const post = { conversation: "cnv_a", kind: "public", text: "on its way" } as const;
  const at = Date.parse(minute(3));
  return { ref: "r1", at, post, state: "queued", problem: null, saved: true, ...changes };
}

test("what one author writes within minutes is one group", () => {
  const rows = [message(1), message(2), message(3, { author: agent }), message(20)];
  expect(shape(timeline(threadView(rows, []), options))).toEqual(["day", "[m", "m]", "[m]", "[m]"]);
});

test("notes and public messages are never one group", () => {
  const rows = [
    message(1, { author: agent }),
    message(2, { author: agent, kind: "note", n: null }),
  ];
  expect(shape(timeline(threadView(rows, []), options))).toEqual(["day", "[m]", "[m]"]);
});

test("a message on its way continues our own group", () => {
  const lines = threadView([message(1, { author: agent })], [entry()]);
  expect(shape(timeline(lines, options))).toEqual(["day", "[m", "m]"]);
});

test("a new day, an activity and the unread line end a group", () => {
  const rows = [
    message(1),
    message(2, { kind: "activity", n: null }),
    message(3),
    message(4),
    message(5, { created_at: "2026-03-04T09:00:00Z" }),
  ];
  const items = timeline(threadView(rows, []), { me: "mem_me", readUpTo: 3 });
  expect(shape(items)).toEqual(["day", "[m]", "activity", "[m]", "unread", "[m]", "day", "[m]"]);
  expect(new Set(items.map((item) => item.key)).size).toBe(items.length);
});

test("the unread line stands above a message that is there still", () => {
  const rows = [message(1, { deleted_at: minute(3) }), message(2)];
  const items = timeline(threadView(rows, []), { me: "mem_me", readUpTo: 0 });
  expect(shape(items)).toEqual(["day", "[m]", "unread", "[m]"]);
  const gone = timeline(threadView(rows.slice(0, 1), []), { me: "mem_me", readUpTo: 0 });
  expect(shape(gone)).toEqual(["day", "[m]"]);
});

test("a message keeps its key when it is acknowledged", () => {
  const before = timeline(threadView([message(1)], [entry()]), options);
  const row = message(2, { author: agent, ref: "r1" });
  const after = timeline(threadView([message(1), row], [entry({ state: "sent" })]), options);
  expect(after.map((item) => item.key)).toEqual(before.map((item) => item.key));
});

test("ticks follow the visitor's marks", () => {
  const marks = { delivered: 5, read: 3 };
  expect([3, 4, 6].map((n) => tickOf(n, marks))).toEqual(["read", "delivered", "sent"]);
});

test("a message that came late says when it was written", () => {
  expect(writtenAt(message(30))).toBeNull();
  expect(writtenAt(message(30, { sent_at: minute(28) }))).toBeNull();
  expect(writtenAt(message(30, { sent_at: minute(2) }))).toBe(Date.parse(minute(2)));
});

test("a delivery is as far as the platform told in any of its two ways", () => {
  const sent = message(5, { delivery: { state: "sent" } });
  const reached = (peer_delivered_at: string | null, peer_read_at: string | null) =>
    deliveryOf(sent, conversation("a", { channel: "messenger", peer_delivered_at, peer_read_at }));
  expect(reached(null, null)).toBe("sent");
  expect(reached(minute(4), null)).toBe("sent");
  expect(reached(minute(6), null)).toBe("delivered");
  expect(reached(minute(6), minute(5))).toBe("read");
  const failed = message(5, { delivery: { state: "failed" } });
  expect(deliveryOf(failed, conversation("a", { peer_read_at: minute(9) }))).toBe("failed");
});
