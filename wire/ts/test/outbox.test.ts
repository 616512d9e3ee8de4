import { afterEach, describe, expect, it, vi } from "vitest";
import { createClient } from "../src/client.ts";
import { DurableOutbox, type Entry, OUTBOX_MAX_CHARS, OUTBOX_MAX_ENTRIES } from "../src/outbox.ts";
import { localStore, memoryStore, type Store } from "../src/store.ts";
import { Refused } from "../src/types.ts";
import { Disk, World } from "./world.ts";

interface Draft {
  text: string;
  lane?: string;
}

const KEY = "sb:outbox:me";

function tab(store: Store, world = new World()) {
  const seen: (readonly Entry<Draft>[])[] = [];
  const outbox = new DurableOutbox<Draft>({
    store,
    key: KEY,
    lane: (draft) => draft.lane ?? "",
    now: world.now,
    onChange: (entries) => seen.push(entries),
    onDue: () => {},
  });
  outbox.watch();
  const texts = () => outbox.entries.map((entry) => `${entry.post.text}:${entry.state}`);
  const due = () => outbox.due(world.time).due.map((entry) => entry.ref);
  return { world, outbox, seen, texts, due };
}

afterEach(() => vi.unstubAllGlobals());

describe("a reload", () => {
  it("finds what was queued, under way and failed, in order", () => {
    const disk = new Disk();
    const { outbox } = tab(disk.tab());
    for (const text of ["one", "two", "three"]) outbox.add(text, { text });
    outbox.sending("one");
    outbox.failed("two", "refused", "No.");
    const after = tab(disk.tab());
    expect(after.texts()).toEqual(["one:queued", "two:failed", "three:queued"]);
    expect(after.outbox.find("two")?.problem).toEqual({ code: "refused", message: "No." });
    expect(after.outbox.entries.every((entry) => entry.saved)).toBe(true);
  });

  it("finds nothing of what was acknowledged or discarded", () => {
    const disk = new Disk();
    const { outbox, texts } = tab(disk.tab());
    outbox.add("one", { text: "one" });
    outbox.add("two", { text: "two" });
    outbox.acknowledged("one", 5);
    outbox.discard("two");
    expect(texts()).toEqual(["one:sent"]);
    outbox.seen(4);
    expect(texts()).toEqual(["one:sent"]);
    outbox.seen(5);
    expect(texts()).toEqual([]);
    expect(tab(disk.tab()).texts()).toEqual([]);
    expect(disk.texts.size).toBe(0);
  });

  it("keeps the order of what was written within one millisecond", () => {
    const disk = new Disk();
    const { outbox } = tab(disk.tab());
    for (let i = 0; i < 20; i++) outbox.add(`r${19 - i}`, { text: `${i}` });
    const order = tab(disk.tab()).outbox.entries.map((entry) => entry.post.text);
    expect(order).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`));
  });

  it("never mixes two people, though one key begins like the other", () => {
    const disk = new Disk();
    disk.texts.set(`${KEY}:else:r`, JSON.stringify({ ref: "r", at: 1, post: { text: "theirs" } }));
    expect(tab(disk.tab()).texts()).toEqual([]);
    expect(disk.texts.size).toBe(1);
  });
});

describe("order", () => {
  it("lets one of each conversation go, and the next after it", () => {
    const { outbox, due } = tab(memoryStore());
    outbox.add("a1", { text: "", lane: "a" });
    outbox.add("a2", { text: "", lane: "a" });
    outbox.add("b1", { text: "", lane: "b" });
    expect(due()).toEqual(["a1", "b1"]);
    outbox.sending("a1");
    expect(due()).toEqual(["b1"]);
    outbox.acknowledged("a1", 9);
    expect(due()).toEqual(["a2", "b1"]);
  });

  it("holds a conversation while its first has to wait, not while it has failed", () => {
    const { world, outbox, due } = tab(memoryStore());
    outbox.add("a1", { text: "" });
    outbox.add("a2", { text: "" });
    outbox.hold("a1", world.time + 1000);
    expect(due()).toEqual([]);
    expect(outbox.due(world.time).next).toBe(world.time + 1000);
    world.pass(1000);
    expect(due()).toEqual(["a1"]);
    outbox.failed("a1", "refused", "No.");
    expect(due()).toEqual(["a2"]);
    outbox.retry("a1");
    expect(due()).toEqual(["a1"]);
    outbox.retry("a1");
    expect(outbox.find("a1")?.problem).toBeNull();
  });
});

describe("two tabs", () => {
  it("do not send what the other is sending, unless it went away", () => {
    const disk = new Disk();
    const world = new World();
    const a = tab(disk.tab(), world);
    const b = tab(disk.tab(), world);
    a.outbox.add("one", { text: "one" });
    expect(b.texts()).toEqual(["one:queued"]);
    expect(a.due()).toEqual(["one"]);
    expect(b.due()).toEqual([]);
    world.pass(10_000);
    expect(b.due()).toEqual(["one"]);
  });

  it("do not bring back what the other had acknowledged", () => {
    const disk = new Disk();
    const a = tab(disk.tab());
    const b = tab(disk.tab());
    a.outbox.add("one", { text: "one" });
    a.outbox.add("two", { text: "two" });
    a.outbox.acknowledged("one", 1);
    expect(b.texts()).toEqual(["two:queued"]);
    b.outbox.failed("one", "refused", "No.");
    b.outbox.retry("one");
    b.outbox.lost();
    expect([...disk.texts.keys()]).toEqual([`${KEY}:two`]);
  });

  it("do not bring it back either when one slept and heard nothing", () => {
    const disk = new Disk();
    const a = tab(disk.tab());
    a.outbox.add("one", { text: "one" });
    const deaf = tab({ ...disk.tab(), watch: () => () => {} });
    expect(deaf.due()).toEqual(["one"]);
    a.outbox.discard("one");
    expect(deaf.due()).toEqual([]);
    expect(deaf.texts()).toEqual([]);
    deaf.outbox.refresh();
    expect(deaf.texts()).toEqual([]);

    a.outbox.add("two", { text: "two" });
    deaf.outbox.refresh();
    deaf.outbox.sending("two");
    a.outbox.acknowledged("two", 2);
    deaf.outbox.failed("two", "refused", "No.");
    expect(disk.texts.size).toBe(0);
  });

  it("see the failure and the retry of the other", () => {
    const disk = new Disk();
    const a = tab(disk.tab());
    const b = tab(disk.tab());
    a.outbox.add("one", { text: "one" });
    a.outbox.failed("one", "refused", "No.");
    expect(b.texts()).toEqual(["one:failed"]);
    a.outbox.retry("one");
    expect(b.texts()).toEqual(["one:queued"]);
    expect(b.outbox.find("one")?.problem).toBeNull();
  });

  it("send one message once through the whole client when both are open", () => {
    const disk = new Disk();
    const world = new World();
    const open = () => {
      const client = createClient({
        mode: "visitor",
        url: "ws://here",
        hello: () => ({ type: "hello", token: "t" }),
        store: disk.tab(),
        surroundings: world,
      });
      client.start();
      world.socket.open();
      world.socket.say({ type: "welcome", session: "s", epoch: "e", seq: 0, snapshot: true });
      world.socket.say({ type: "snapshot", seq: 0, snapshot: {} });
      return { client, socket: world.socket };
    };
    const a = open();
    const b = open();
    a.client.post({ text: "hello", ref: "r1" });
    expect(b.client.outbox.entries).toHaveLength(1);
    world.pass(5000);
    a.socket.say({ type: "ok", id: a.socket.commands("post")[0].id, seq: 1 });
    expect(b.client.outbox.entries).toHaveLength(0);
    b.socket.say({ type: "beat", seq: 0 });
    world.pass(10_000);
    expect(b.socket.commands("post")).toEqual([]);
  });
});

describe("a bad store", () => {
  it.each([
    "",
    "{",
    "null",
    "7",
    "[]",
    '"text"',
    "{}",
    '{"ref":"bad"}',
    '{"ref":"bad","at":1}',
    '{"ref":"bad","at":1,"post":null}',
    '{"ref":"bad","at":1,"post":{}}',
    '{"ref":"bad","at":"soon","post":{"text":"x"}}',
    '{"ref":"other","at":1,"post":{"text":"x"}}',
    "\u0000\ud800",
  ])("tolerates and clears %j", (text) => {
    const disk = new Disk();
    disk.texts.set(`${KEY}:bad`, text);
    disk.texts.set(`${KEY}:good`, JSON.stringify({ ref: "good", at: 1, post: { text: "x" } }));
    const { texts, outbox } = tab(disk.tab());
    expect(texts()).toEqual(["x:queued"]);
    expect(outbox.find("good")?.problem).toBeNull();
    expect(disk.texts.has(`${KEY}:bad`)).toBe(false);
  });

  it.each(['{"code":7}', '"no"', "[]", "5"])("does not believe the problem %s", (problem) => {
    const disk = new Disk();
    disk.texts.set(`${KEY}:r`, `{"ref":"r","at":1,"post":{"text":"x"},"problem":${problem}}`);
    expect(tab(disk.tab()).texts()).toEqual(["x:queued"]);
  });

  it("works on in memory when the quota is used up, and says so", () => {
    const disk = new Disk();
    disk.full = true;
    const { outbox, due, texts } = tab(disk.tab());
    expect(outbox.add("one", { text: "one" }).saved).toBe(false);
    expect(due()).toEqual(["one"]);
    outbox.failed("one", "refused", "No.");
    disk.full = false;
    outbox.retry("one");
    expect(texts()).toEqual(["one:queued"]);
    expect(outbox.find("one")?.saved).toBe(true);
  });

  it("has an end in number and in size", () => {
    const { outbox } = tab(memoryStore());
    for (let i = 0; i < OUTBOX_MAX_ENTRIES; i++) outbox.add(`r${i}`, { text: "x" });
    expect(() => outbox.add("more", { text: "x" })).toThrow(Refused);
    expect(outbox.entries).toHaveLength(OUTBOX_MAX_ENTRIES);
    const big = tab(new Disk().tab()).outbox;
    big.add("half", { text: "x".repeat(OUTBOX_MAX_CHARS / 2) });
    expect(() => big.add("whole", { text: "x".repeat(OUTBOX_MAX_CHARS / 2) })).toThrow(Refused);
    expect(big.find("whole")).toBeUndefined();
  });
});

describe("localStore", () => {
  class FakeStorage {
    texts = new Map<string, string>();
    full = false;
    get length() {
      return this.texts.size;
    }
    key = (at: number) => [...this.texts.keys()][at] ?? null;
    getItem = (key: string) => this.texts.get(key) ?? null;
    removeItem = (key: string) => void this.texts.delete(key);
    setItem = (key: string, value: string) => {
      if (this.full) throw new DOMException("full", "QuotaExceededError");
      this.texts.set(key, value);
    };
  }

  it("is memory where the browser forbids it", () => {
    vi.stubGlobal("localStorage", undefined);
    const store = localStore();
    expect(store.set("a", "1")).toBe(false);
    expect(store.get("a")).toBe("1");
  });

  it("prefers what could not be written over what is older", () => {
    const disk = new FakeStorage();
    vi.stubGlobal("localStorage", disk);
    const store = localStore();
    expect(store.set("a", "1")).toBe(true);
    disk.full = true;
    expect(store.set("a", "2")).toBe(false);
    expect(store.set("b", "3")).toBe(false);
    expect([store.get("a"), store.get("b")]).toEqual(["2", "3"]);
    expect(store.keys("").sort()).toEqual(["a", "b"]);
    disk.full = false;
    expect(store.set("a", "4")).toBe(true);
    store.remove("b");
    expect([store.get("a"), store.get("b")]).toEqual(["4", null]);
    expect(disk.texts.get("a")).toBe("4");
  });

  it("does not throw when the storage does", () => {
    const disk = new FakeStorage();
    vi.stubGlobal("localStorage", disk);
    const store = localStore();
    store.set("a", "1");
    const broken = () => {
      throw new Error("gone");
    };
    Object.assign(disk, { getItem: broken, setItem: broken, removeItem: broken, key: broken });
    expect(store.get("a")).toBeNull();
    expect(store.set("b", "2")).toBe(false);
    expect(store.get("b")).toBe("2");
    expect(store.keys("")).toEqual(["b"]);
    store.remove("b");
    expect(store.get("b")).toBeNull();
  });

  it("hears other tabs, and its own storage only", () => {
    const disk = new FakeStorage();
    vi.stubGlobal("localStorage", disk);
    let listener: (event: object) => void = () => {};
    vi.stubGlobal("addEventListener", (_: string, fn: typeof listener) => {
      listener = fn;
    });
    const removed = vi.fn();
    vi.stubGlobal("removeEventListener", removed);
    const heard = vi.fn();
    const stop = localStore().watch?.(heard);
    listener({ storageArea: disk, key: "a", newValue: "1" });
    listener({ storageArea: disk, key: "a", newValue: null });
    listener({ storageArea: disk, key: null, newValue: null });
    listener({ storageArea: {}, key: "a", newValue: "9" });
    expect(heard.mock.calls).toEqual([
      ["a", "1"],
      ["a", null],
    ]);
    stop?.();
    expect(removed).toHaveBeenCalledOnce();
  });
});
