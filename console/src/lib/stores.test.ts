/** The stores as events and answers feed them. */
import type { Contact, Conversation, Message, Paged, Rest } from "@switchboard/wire";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CountsStore } from "./counts.svelte.ts";
import { Deliveries } from "./deliveries.ts";
import { ConversationList } from "./list.svelte.ts";
import { Rows } from "./rows.svelte.ts";
import { conversation, member, message, minute } from "./testing.ts";
import { ThreadStore } from "./thread.svelte.ts";
import { Typing } from "./typing.svelte.ts";
import { NO_COUNTS } from "./views.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Get = (path: string, options?: { query?: Record<string, unknown> }) => Promise<unknown>;

function restOf(get: Get): Rest {
  return { get } as unknown as Rest;
}

const workspace = { id: "wsp_1", name: "Shop", created_at: minute(0) };

function rowsOf(
  changed: (before: Conversation | undefined, after: Conversation) => void = () => {},
) {
  return new Rows(member("mem_me"), workspace, changed);
}

describe("rows", () => {
  test("keep the newest copy, whatever order copies arrive in", () => {
    const seen: number[] = [];
    const rows = rowsOf((_, after) => seen.push(after.rev));
    for (const rev of [3, 1, 3, 5, 4]) rows.putConversation(conversation("a", { rev }));
    expect(rows.conversations.get("a")?.rev).toBe(5);
    expect(seen).toEqual([3, 5]);
  });

  test("a label that is removed leaves its conversations", () => {
    const seen: string[][] = [];
    const rows = rowsOf((_, after) => seen.push(after.labels));
    rows.putConversation(conversation("a", { labels: ["lbl_1", "lbl_2"] }));
    rows.apply({ type: "event", seq: 9, at: minute(1), event: "label_removed", label: "lbl_1" });
    expect(rows.conversations.get("a")?.labels).toEqual(["lbl_2"]);
    expect(seen.at(-1)).toEqual(["lbl_2"]);
  });

  test("a contact's new name is the name of its conversation", () => {
    const changed: string[] = [];
    const rows = rowsOf((_, after) => changed.push(after.contact_name));
    const row = conversation("a");
    rows.putConversation(row);
    const contact = { id: row.contact, name: "Ana" } as Contact;
    rows.apply({ type: "event", seq: 2, at: minute(1), event: "contact", contact });
    rows.apply({ type: "event", seq: 3, at: minute(2), event: "contact", contact });
    expect(rows.conversations.get("a")?.contact_name).toBe("Ana");
    expect(changed).toEqual(["a", "Ana"]);
  });

  test("a change of myself is a change of me", () => {
    const rows = rowsOf();
    rows.apply({
      type: "event",
      seq: 2,
      at: minute(1),
      event: "member",
      member: member("mem_me", { role: "admin" }),
    });
    expect(rows.me.role).toBe("admin");
    expect(rows.nameOf({ kind: "agent", id: "mem_gone" })).toBe("Former colleague");
  });
});

describe("a list", () => {
  const pages: Record<string, Paged<Conversation>> = {
    first: {
      items: [
        conversation("c", { last_activity_at: minute(30) }),
        conversation("b", { last_activity_at: minute(20) }),
      ],
      next: "second",
    },
    second: { items: [conversation("a", { last_activity_at: minute(10) })], next: null },
  };
  const listOf = (get: Get) =>
    new ConversationList("open", { rest: restOf(get), me: () => "mem_me", known: (row) => row });
  const paged: Get = async (_, options) => pages[String(options?.query?.cursor ?? "first")];
  const ids = (list: ConversationList) => list.rows.map((row) => row.id).join("");

  test("grows page by page and then is complete", async () => {
    const list = listOf(paged);
    await list.load();
    expect([ids(list), list.complete]).toEqual(["cb", false]);
    await list.load();
    await list.load();
    expect([ids(list), list.complete]).toEqual(["cba", true]);
  });

  test("follows events while a page is on its way", async () => {
    const list = listOf(paged);
    const loading = list.load();
    list.apply(conversation("x", { last_activity_at: minute(40) }));
    await loading;
    list.apply(conversation("b", { status: { state: "resolved" } }));
    expect(ids(list)).toBe("xc");
  });

  test("says what went wrong and tries again", async () => {
    let broken = true;
    const list = listOf(async (...call) => {
      if (broken) throw new Error("no");
      return paged(...call);
    });
    await list.load();
    expect([list.phase, list.problem]).toEqual(["error", "Something went wrong. Try again."]);
    broken = false;
    await list.load();
    expect(list.phase).toBe("ready");
  });
});

describe("a thread", () => {
  function server(count: number, posted: Message[] = []) {
    const all = Array.from({ length: count }, (_, i) => message(i + 1));
    const get: Get = async (_, options) => {
      const { before, after, limit } = (options?.query ?? {}) as Record<string, number | undefined>;
      const size = limit ?? 50;
      if (after !== undefined) {
        return { items: all.filter((row) => row.seq > after).slice(0, size), next: null };
      }
      const older = all.filter((row) => row.seq < (before ?? Number.POSITIVE_INFINITY));
      const items = older.slice(-size);
      return { items, next: older.length > size ? items[0]?.seq : null };
    };
    return { get, all, posted };
  }
  const seqs = (thread: ThreadStore) => thread.thread.rows.map((row) => row.seq);
  const posted = (row: Message) => ({
    type: "event" as const,
    seq: row.seq,
    at: row.created_at,
    event: "message" as const,
    change: "posted" as const,
    message: row,
    conversation: conversation("cnv_a"),
  });

  test("opens at the newest and grows upwards to the beginning", async () => {
    const { get } = server(120);
    const thread = new ThreadStore("cnv_a", restOf(get));
    await thread.open();
    expect([seqs(thread)[0], seqs(thread).at(-1)]).toEqual([71, 120]);
    await thread.older();
    await thread.older();
    await thread.older();
    expect([seqs(thread).length, thread.thread.older]).toEqual([120, false]);
  });

  test("opens around a message, grows downwards and then follows events", async () => {
    const { get } = server(130);
    const thread = new ThreadStore("cnv_a", restOf(get));
    await thread.open(60);
    expect([seqs(thread)[0], seqs(thread).at(-1), thread.thread.newer]).toEqual([10, 109, true]);
    thread.apply(posted(message(131)));
    expect(seqs(thread).at(-1)).toBe(109);
    await thread.newer();
    expect([seqs(thread).slice(-2), thread.thread.newer]).toEqual([[130, 131], false]);
    thread.apply(posted(message(132)));
    expect(seqs(thread).at(-1)).toBe(132);
  });

  test("loses nothing that is posted while the last page is on its way", async () => {
    const { get } = server(130);
    const thread = new ThreadStore("cnv_a", restOf(get));
    await thread.open(60);
    const loading = thread.newer();
    thread.apply(posted(message(131)));
    await loading;
    expect(seqs(thread).slice(-2)).toEqual([130, 131]);
  });

  test("tells why it could not open", async () => {
    const thread = new ThreadStore(
      "cnv_a",
      restOf(() => Promise.reject(new Error("no"))),
    );
    await thread.open();
    expect([thread.ready, thread.problem]).toEqual([false, "Something went wrong. Try again."]);
  });
});

describe("counts", () => {
  test("are fetched when an unknown conversation changes, and again if more happened", async () => {
    const answers = [
      { ...NO_COUNTS, open: 7 },
      { ...NO_COUNTS, open: 8 },
    ];
    const get = vi.fn(async () => answers.shift() ?? NO_COUNTS);
    const counts = new CountsStore(restOf(get), () => "mem_me");
    counts.changed(undefined, conversation("a"));
    counts.changed(undefined, conversation("b"));
    vi.advanceTimersByTime(500);
    counts.changed(undefined, conversation("c"));
    await vi.advanceTimersByTimeAsync(0);
    expect(counts.now.open).toBe(7);
    await vi.advanceTimersByTimeAsync(500);
    expect([counts.now.open, get.mock.calls.length]).toEqual([8, 2]);
  });
});

test("writing fades after six seconds and ends when the message comes", () => {
  const typing = new Typing();
  const who = { kind: "visitor", id: "con_a" } as const;
  const frame = { type: "typing", conversation: "cnv_a", who, on: true, note: false } as const;
  typing.apply(frame);
  vi.advanceTimersByTime(5_000);
  typing.apply(frame);
  vi.advanceTimersByTime(5_000);
  expect(typing.of("cnv_a")).toHaveLength(1);
  vi.advanceTimersByTime(1_500);
  expect(typing.of("cnv_a")).toHaveLength(0);
  typing.apply(frame);
  typing.stop("cnv_a", who);
  expect(typing.of("cnv_a")).toHaveLength(0);
});

test("a delivery is said once, and not at all when a colleague's console said it", () => {
  const send = vi.fn(async () => {});
  const deliveries = new Deliveries(send);
  deliveries.consider(conversation("a", { last_n: 4 }));
  deliveries.consider(conversation("a", { last_n: 5 }));
  deliveries.consider(conversation("b", { last_n: 2 }));
  deliveries.consider(conversation("b", { last_n: 2, team: { delivered: 2, read: 0 } }));
  vi.advanceTimersByTime(2_000);
  expect(send.mock.calls).toEqual([[{ type: "mark", conversation: "a", delivered: 5 }]]);
});
