import { describe, expect, it } from "vitest";
import { agentState, applyAgent, byActivity, messageOf, withConversation } from "../src/agent.ts";
import type { AgentSnapshot, Conversation, Label, Member } from "../src/generated.ts";
import type { Entry } from "../src/outbox.ts";
import {
  applyMessage,
  compareTimes,
  emptyThread,
  mergePage,
  newer,
  type Thread,
  threadView,
  upsert,
} from "../src/rows.ts";
import type { FrameOf } from "../src/types.ts";
import { seeded } from "./world.ts";

interface Row {
  id: string;
  seq: number;
  rev: number;
  ref: string | null;
  text: string;
}

const row = (seq: number, rev = seq, ref: string | null = null): Row => ({
  id: `msg_${seq}`,
  seq,
  rev,
  ref,
  text: `${seq}@${rev}`,
});
const seqs = (thread: Thread<Row>) => thread.rows.map((one) => one.seq);

describe("rows", () => {
  it("keep the higher revision and the same object when nothing changed", () => {
    const rows = [row(1), row(2, 5)];
    expect(upsert(rows, row(2, 4))).toBe(rows);
    expect(upsert(rows, row(2, 5))).toBe(rows);
    expect(upsert(rows, row(2, 6))[1]?.rev).toBe(6);
    expect(upsert(rows, row(3))).toHaveLength(3);
    expect(rows).toHaveLength(2);
    expect(newer(undefined, row(1)).rev).toBe(1);
  });

  it("order times though the server omits zeros", () => {
    const times = [
      "2026-01-01T00:00:00Z",
      "2026-01-01T00:00:00.000001Z",
      "2026-01-01T00:00:00.5Z",
      "2026-01-01T00:00:00.51Z",
      "2026-01-01T00:00:01Z",
    ];
    expect([...times].reverse().sort(compareTimes)).toEqual(times);
    expect(compareTimes("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z")).toBe(0);
  });
});

describe("a thread", () => {
  it("takes what is posted before its first page arrived", () => {
    let thread = applyMessage(emptyThread<Row>(), 9, row(9));
    thread = applyMessage(thread, 10, row(4, 10));
    expect(seqs(thread)).toEqual([9]);
    thread = mergePage(thread, [row(4), row(6)], { older: false });
    expect(thread.rows.map((one) => one.text)).toEqual(["4@10", "6@6", "9@9"]);
    expect(thread.outside).toEqual([]);
  });

  it("does not take what would leave a hole, and has it when the hole is closed", () => {
    let thread = mergePage(emptyThread<Row>(true), [row(5), row(6)]);
    thread = applyMessage(thread, 12, row(12));
    expect(seqs(thread)).toEqual([5, 6]);
    thread = mergePage(thread, [row(7), row(11)], { newer: false });
    expect(seqs(thread)).toEqual([5, 6, 7, 11, 12]);
    expect(seqs(applyMessage(thread, 13, row(13)))).toEqual([5, 6, 7, 11, 12, 13]);
  });

  it("keeps what is newer than an overlapping page, and takes the younger links of equals", () => {
    const thread = mergePage(emptyThread<Row>(), [row(1), row(2, 9)], { older: false });
    const again = { ...row(1), text: "same, with new links" };
    const merged = mergePage(thread, [again, row(2, 5)]);
    expect(merged.rows.map((one) => one.text)).toEqual(["same, with new links", "2@9"]);
  });

  it("comes back the same when nothing changed", () => {
    const thread = mergePage(emptyThread<Row>(), [row(1), row(2)], { older: false });
    expect(applyMessage(thread, 2, row(2))).toBe(thread);
  });

  it("starts with its first message", () => {
    const empty = mergePage(emptyThread<Row>(), [], { older: false });
    expect(seqs(applyMessage(empty, 1, row(1)))).toEqual([1]);
  });
});

describe("what a thread shows", () => {
  const entry = (ref: string): Entry<{ text: string }> => ({
    ref,
    at: 1,
    post: { text: ref },
    state: "sending",
    problem: null,
    saved: true,
  });

  it("is each message once, under a key that stays", () => {
    const before = threadView([row(1)], [entry("a"), entry("b")]);
    const after = threadView([row(1), row(2, 2, "a")], [entry("a"), entry("b")]);
    expect(before.map((line) => line.key)).toEqual(["msg_1", "ref:a", "ref:b"]);
    expect(after.map((line) => line.key)).toEqual(["msg_1", "ref:a", "ref:b"]);
    expect(after.map((line) => line.row?.seq)).toEqual([1, 2, undefined]);
  });

  it("has different keys whatever a stranger calls its messages", () => {
    const rows = [row(1, 1, "x"), row(2, 2, "x"), row(3, 3, "msg_1"), row(4, 4, "msg_2")];
    const keys = threadView(rows, [entry("y")]).map((line) => line.key);
    expect(new Set(keys).size).toBe(5);
  });
});

/** A server with one conversation and other traffic, at every position it ever had. */
class Server {
  seq = 0;
  rows: Row[] = [];
  readonly events: { seq: number; row: Row }[] = [];

  step(random: () => number): void {
    this.seq += 1;
    if (random() < 0.2) return; // of another conversation
    const old = this.rows[Math.floor(random() * this.rows.length)];
    const changed = old && random() < 0.5 ? { ...row(old.seq, this.seq) } : row(this.seq);
    this.rows = [...this.rows.filter((one) => one.seq !== changed.seq), changed].sort(
      (a, b) => a.seq - b.seq,
    );
    this.events.push({ seq: this.seq, row: changed });
  }

  before(seq: number, limit: number) {
    const all = this.rows.filter((one) => one.seq < seq);
    return { rows: all.slice(-limit), more: all.length > limit };
  }

  from(seq: number, limit: number) {
    const all = this.rows.filter((one) => one.seq >= seq);
    return { rows: all.slice(0, limit), more: all.length > limit };
  }

  current(seq: number): Row {
    return this.rows.find((one) => one.seq === seq) as Row;
  }
}

function holds(thread: Thread<Row>, server: Server): void {
  const first = thread.rows[0]?.seq ?? 0;
  const last = thread.rows[thread.rows.length - 1]?.seq ?? 0;
  expect(thread.rows).toEqual(server.rows.filter((one) => one.seq >= first && one.seq <= last));
  if (!thread.older) expect(first).toBe(server.rows[0]?.seq ?? 0);
  if (!thread.newer) expect(last).toBe(server.rows[server.rows.length - 1]?.seq ?? 0);
}

/**
 * One reader of that conversation. Answers arrive later than they were made; events in order,
 * sometimes again and, as in a resume, with the row as it is by then.
 */
function read(seed: number): void {
  const random = seeded(seed);
  const server = new Server();
  for (let step = random() * 60; step > 0; step--) server.step(random);
  const limit = 1 + Math.floor(random() * 8);
  const middle = random() < 0.5 ? server.rows[Math.floor(random() * server.rows.length)] : null;

  let thread = emptyThread<Row>(!!middle);
  let told = server.events.length;
  let under: ((thread: Thread<Row>) => Thread<Row>) | null = middle
    ? around(server, middle.seq, limit)
    : older(server, Number.POSITIVE_INFINITY, limit);
  let loaded = false;

  for (let turn = 0; turn < 120; turn++) {
    const what = random();
    if (what < 0.35) server.step(random);
    else if (what < 0.7) told = tell(told);
    else if (under) {
      if (random() < 0.5) {
        thread = under(thread);
        under = null;
        loaded = true;
      }
    } else if (!thread.newer && random() < 0.2) {
      const { rows } = server.before(Number.POSITIVE_INFINITY, limit);
      under = overlaps(rows, thread) ? (now) => mergePage(now, rows) : null;
    } else if (thread.older && random() < 0.5) {
      under = older(server, thread.rows[0]?.seq ?? Number.POSITIVE_INFINITY, limit);
    } else if (thread.newer) {
      under = later(server, (thread.rows[thread.rows.length - 1]?.seq ?? 0) + 1, limit);
    }
  }
  while (told < server.events.length) told = tell(told);
  if (under) thread = under(thread);
  else expect(loaded).toBe(true);
  holds(thread, server);
  const { rows, outside } = thread;
  expect(outside.filter((one) => rows.some((other) => other.seq === one.seq))).toEqual([]);

  function tell(from: number): number {
    const happened = server.events[from];
    if (!happened) return from;
    const brought = random() < 0.5 ? happened.row : server.current(happened.row.seq);
    thread = applyMessage(thread, happened.seq, brought);
    if (random() < 0.1) thread = applyMessage(thread, happened.seq, happened.row);
    return from + 1;
  }
}

function overlaps(rows: Row[], thread: Thread<Row>): boolean {
  return rows.some((one) => thread.rows.some((other) => other.seq === one.seq));
}

/** Each makes its answer now and joins it when called. */
function older(server: Server, seq: number, limit: number) {
  const { rows, more } = server.before(seq, limit);
  return (thread: Thread<Row>) => mergePage(thread, rows, { older: more });
}

function later(server: Server, seq: number, limit: number) {
  const { rows, more } = server.from(seq, limit);
  return (thread: Thread<Row>) => mergePage(thread, rows, { newer: more });
}

function around(server: Server, seq: number, limit: number) {
  const [before, after] = [server.before(seq, limit), server.from(seq, limit)];
  return (thread: Thread<Row>) =>
    mergePage(thread, [...before.rows, ...after.rows], { older: before.more, newer: after.more });
}

describe("snapshot and events", () => {
  it("equal fetching again, whatever happens in whatever order (3000 histories)", () => {
    for (let seed = 1; seed <= 3000; seed++) {
      try {
        read(seed);
      } catch (error) {
        throw new Error(`seed ${seed}: ${error}`);
      }
    }
  });
});

describe("the console's rows", () => {
  const conversation = (id: string, rev: number, more: Partial<Conversation> = {}) =>
    ({
      id,
      rev,
      labels: [],
      last_activity_at: "2026-01-01T00:00:00Z",
      ...more,
    }) as unknown as Conversation;
  const snapshot = {
    me: { id: "mem_1", name: "Ada" } as Member,
    workspace: { id: "wsp_1", name: "Shop", created_at: "" },
    members: [{ id: "mem_1", name: "Ada" } as Member],
    labels: [{ id: "lbl_1", name: "vip", color: "#000000" }],
    conversations: [conversation("cnv_1", 5, { labels: ["lbl_1"] })],
    presence: [{ who: { kind: "agent", id: "mem_1" }, presence: "online" }],
  } as unknown as AgentSnapshot;
  const happened = (more: object) =>
    ({ type: "event", seq: 9, at: "", ...more }) as unknown as FrameOf<"agent", "event">;

  it("follow every kind of event", () => {
    let state = agentState(snapshot);
    const apply = (more: object) => {
      state = applyAgent(state, happened(more));
    };
    apply({ event: "conversation", conversation: conversation("cnv_1", 4) });
    expect(state.conversations.get("cnv_1")?.rev).toBe(5);
    apply({ event: "message", message: {}, conversation: conversation("cnv_2", 9) });
    expect(state.conversations.size).toBe(2);
    apply({ event: "contact", contact: { id: "ctc_1", name: "Bo" } });
    expect(state.contacts.get("ctc_1")?.name).toBe("Bo");
    apply({ event: "member", member: { id: "mem_1", name: "Ada L." } });
    expect([state.me.name, state.members.get("mem_1")?.name]).toEqual(["Ada L.", "Ada L."]);
    apply({ event: "label", label: { id: "lbl_2", name: "new", color: "#fff" } as Label });
    expect(state.labels.size).toBe(2);
    apply({ event: "label_removed", label: "lbl_1" });
    expect(state.labels.has("lbl_1")).toBe(false);
    expect(state.conversations.get("cnv_1")?.labels).toEqual([]);
    apply({ event: "workspace", workspace: { id: "wsp_1", name: "Store" } });
    expect(state.workspace.name).toBe("Store");
    const before = state;
    apply({ event: "gone" });
    expect(state).toBe(before);
  });

  it("know who is there", () => {
    const tell = (who: object, presence: string) =>
      ({ type: "presence", who, presence }) as FrameOf<"agent", "presence">;
    let state = agentState(snapshot);
    expect(state.presence.get("mem_1")).toBe("online");
    state = applyAgent(state, tell({ kind: "visitor", id: "ctc_1" }, "online"));
    state = applyAgent(state, tell({ kind: "agent", id: "mem_1" }, "offline"));
    expect([...state.presence]).toEqual([["ctc_1", "online"]]);
  });

  it("join pages, order by activity and find the message of an event", () => {
    const state = agentState(snapshot);
    expect(withConversation(state, conversation("cnv_1", 5))).toBe(state);
    const more = withConversation(
      state,
      conversation("cnv_2", 1, { last_activity_at: "2026-01-01T00:00:00.5Z" }),
      conversation("cnv_3", 1),
    );
    const order = [...more.conversations.values()].sort(byActivity).map((one) => one.id);
    expect(order).toEqual(["cnv_2", "cnv_3", "cnv_1"]);
    expect(messageOf(happened({ event: "message", message: { id: "m" } }))).toEqual({ id: "m" });
    expect(messageOf(happened({ event: "conversation", activity: { id: "a" } }))?.id).toBe("a");
    expect(messageOf(happened({ event: "conversation" }))).toBeNull();
    expect(messageOf(happened({ event: "gone" }))).toBeNull();
  });
});
