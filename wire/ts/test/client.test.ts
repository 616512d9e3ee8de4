import { afterEach, describe, expect, it, vi } from "vitest";
import { type Client, createClient } from "../src/client.ts";
import type { VisitorMessage } from "../src/generated.ts";
import type { Store } from "../src/store.ts";
import { newRef, socketUrl } from "../src/surroundings.ts";
import { Refused } from "../src/types.ts";
import { Disk, event, World, welcome } from "./world.ts";

function visitor(store: Store = new Disk().tab(), world = new World()) {
  const client = createClient({
    mode: "visitor",
    url: "ws://here/ws/visitor",
    hello: (resume) => ({ type: "hello", token: "t", ...resume }),
    store,
    surroundings: world,
  });
  const sent: string[] = [];
  client.on("sent", ({ ref }) => sent.push(ref));
  return { world, client, sent };
}

function agent(world = new World()) {
  const client = createClient({
    mode: "agent",
    url: () => "ws://here/ws/agent",
    hello: (resume) => ({ type: "hello", ...resume }),
    surroundings: world,
  });
  return { world, client };
}

function join(world: World, seq: number, snapshot: boolean): void {
  world.socket.open();
  world.socket.say(welcome(seq, snapshot));
  if (snapshot) world.socket.say({ type: "snapshot", seq, snapshot: {} });
}

function lose(world: World): void {
  world.socket.drop();
  world.passUntilConnecting();
}

const row = (seq: number, ref: string | null, n = seq) =>
  event(seq, {
    event: "message",
    change: "posted",
    message: { id: `msg_${seq}`, seq, rev: seq, n, ref } as VisitorMessage,
    conversation: {},
  });

const states = (client: Client<"visitor">) =>
  client.outbox.entries.map((entry) => `${entry.ref}:${entry.state}`);

afterEach(() => vi.restoreAllMocks());

describe("a request", () => {
  it("waits for the connection and resolves with what was done", async () => {
    const { world, client } = agent();
    client.start();
    const done = client.request({ type: "assign", conversation: "cnv_1", member: null });
    join(world, 3, true);
    expect(world.socket.sent[1]).toEqual({
      id: 1,
      type: "assign",
      conversation: "cnv_1",
      member: null,
    });
    world.socket.say({ type: "ok", id: 1, seq: 4 });
    expect(await done).toEqual({ seq: 4 });
  });

  it("is sent again with its id after a loss, and resolves once", async () => {
    const { world, client } = visitor();
    client.start();
    join(world, 0, true);
    const done = client.request({ type: "mark", read: 2 });
    const first = world.socket.commands("mark")[0];
    lose(world);
    expect(world.socket.commands("mark")).toEqual([]);
    join(world, 0, false);
    expect(world.socket.commands("mark")).toEqual([first]);
    world.socket.say({ type: "ok", id: first.id });
    expect(await done).toEqual({});
    lose(world);
    join(world, 0, false);
    expect(world.socket.commands("mark")).toEqual([]);
  });

  it("rejects with the code and the words of a refusal", async () => {
    const { world, client } = visitor();
    client.start();
    join(world, 0, true);
    const done = client.request({ type: "delete", message: "msg_1" });
    world.socket.say({ type: "no", id: 1, code: "forbidden", message: "Not yours." });
    await expect(done).rejects.toMatchObject({
      name: "Refused",
      code: "forbidden",
      message: "Not yours.",
      retryAfter: null,
    });
  });

  it("goes again after unavailable and rate_limited, when it was asked to", async () => {
    const { world, client } = visitor();
    world.chance = () => 0;
    client.start();
    join(world, 0, true);
    const done = client.request({ type: "edit", message: "msg_1", text: "x" });
    world.socket.say({ type: "no", id: 1, code: "unavailable", message: "Later." });
    world.pass(999);
    expect(world.socket.commands("edit")).toHaveLength(1);
    world.pass(1);
    expect(world.socket.commands("edit")).toHaveLength(2);
    world.socket.say({ type: "no", id: 1, code: "rate_limited", message: "", retry_after: 7 });
    world.pass(6999);
    expect(world.socket.commands("edit")).toHaveLength(2);
    world.pass(1);
    expect(world.socket.commands("edit")).toHaveLength(3);
    world.socket.say({ type: "ok", id: 1 });
    expect(await done).toEqual({});
  });

  it("keeps its place before the next about the same message", () => {
    const { world, client } = visitor();
    client.start();
    join(world, 0, true);
    const react = (message: string, on: boolean) =>
      void client.request({ type: "react", message, emoji: "👍", on });
    react("msg_1", true);
    react("msg_1", false);
    react("msg_2", true);
    const went = () => world.socket.commands("react").map(({ message, on }) => [message, on]);
    expect(went()).toEqual([
      ["msg_1", true],
      ["msg_2", true],
    ]);
    world.socket.say({ type: "no", id: 1, code: "unavailable", message: "" });
    world.socket.say({ type: "ok", id: 3 });
    expect(went()).toHaveLength(2);
    world.pass(2000);
    expect(went()[2]).toEqual(["msg_1", true]);
    world.socket.say({ type: "ok", id: 1 });
    expect(went()[3]).toEqual(["msg_1", false]);
  });

  it("is refused when nothing can answer it any more", async () => {
    const { world, client } = visitor();
    client.start();
    join(world, 0, true);
    const before = client.request({ type: "mark", read: 1 });
    world.socket.drop("signed_out");
    await expect(before).rejects.toMatchObject({ code: "unauthenticated" });
    const after = client.request({ type: "mark", read: 1 });
    await expect(after).rejects.toBeInstanceOf(Refused);
    client.start();
    const last = client.request({ type: "mark", read: 1 });
    client.stop();
    await expect(last).rejects.toMatchObject({ code: "unavailable" });
  });

  it("has an end in number, and goes out in measure", async () => {
    const { world, client } = visitor();
    client.start();
    const all = Array.from({ length: 201 }, (_, i) =>
      client.request({ type: "edit", message: `msg_${i}`, text: "x" }),
    );
    await expect(all[200]).rejects.toMatchObject({ code: "refused" });
    join(world, 0, true);
    expect(world.socket.commands("edit")).toHaveLength(32);
    world.socket.say({ type: "ok", id: 1 });
    expect(world.socket.commands("edit")).toHaveLength(33);
    all.forEach((one) => void one.catch(() => {}));
    client.stop();
  });
});

describe("a message", () => {
  it("is shown at once, sent once, and gone when its row is there", () => {
    const { world, client, sent } = visitor();
    client.start();
    join(world, 0, true);
    const entry = client.post({ text: "hello", ref: "r1" });
    expect(entry).toMatchObject({ ref: "r1", state: "sending", post: { text: "hello" } });
    expect(world.socket.commands("post")).toEqual([
      { id: 1, type: "post", text: "hello", ref: "r1" },
    ]);
    world.socket.say({ type: "ok", id: 1, seq: 1, message: "msg_1", n: 1 });
    expect(states(client)).toEqual(["r1:sent"]);
    let atEvent: string[] = [];
    client.on("event", () => {
      atEvent = states(client);
    });
    world.socket.say(row(1, "r1"));
    expect(atEvent).toEqual(["r1:sent"]); // never neither
    expect(states(client)).toEqual([]);
    expect(sent).toEqual(["r1"]);
  });

  it("is acknowledged by its row where the answer was lost, and not sent again", () => {
    const { world, client, sent } = visitor();
    client.start();
    join(world, 0, true);
    client.post({ text: "hello", ref: "r1" });
    world.socket.say(row(1, "r1"));
    expect(states(client)).toEqual([]);
    lose(world);
    join(world, 1, false);
    expect(world.socket.commands("post")).toEqual([]);
    expect(sent).toEqual(["r1"]);
  });

  it("is sent again with its ref after a loss, and says sent once", () => {
    const { world, client, sent } = visitor();
    client.start();
    join(world, 0, true);
    client.post({ text: "hello", ref: "r1" });
    lose(world);
    expect(states(client)).toEqual(["r1:queued"]);
    join(world, 1, false);
    expect(world.socket.commands("post")).toMatchObject([{ text: "hello", ref: "r1" }]);
    world.socket.say(row(1, "r1"));
    world.socket.say({ type: "ok", id: world.socket.commands("post")[0].id, seq: 1 });
    expect(states(client)).toEqual([]);
    expect(sent).toEqual(["r1"]);
  });

  it("survives a reload before it was acknowledged", () => {
    const disk = new Disk();
    const before = visitor(disk.tab());
    before.client.post({ text: "one", ref: "r1" });
    before.client.post({ text: "two", ref: "r2" });
    const { world, client } = visitor(disk.tab());
    client.start();
    join(world, 0, true);
    const posts = () => world.socket.commands("post").map((frame) => frame.text);
    expect(posts()).toEqual(["one"]);
    world.socket.say({ type: "ok", id: 1, seq: 1 });
    expect(posts()).toEqual(["one", "two"]);
    world.socket.say({ type: "ok", id: 2, seq: 2 });
    expect(disk.texts.size).toBe(0);
  });

  it("that another tab left behind unheard is taken up at the next connection", () => {
    const disk = new Disk();
    const { world, client } = visitor({ ...disk.tab(), watch: () => () => {} });
    client.start();
    join(world, 0, true);
    visitor(disk.tab()).client.post({ text: "left", ref: "r1" });
    expect(states(client)).toEqual([]);
    lose(world);
    join(world, 0, false);
    expect(world.socket.commands("post")).toMatchObject([{ text: "left", ref: "r1" }]);
  });

  it("fails with words, and goes again or away when told", () => {
    const { world, client } = visitor();
    client.start();
    join(world, 0, true);
    client.post({ text: "one", ref: "r1" });
    client.post({ text: "two", ref: "r2" });
    world.socket.say({ type: "no", id: 1, code: "refused", message: "No files." });
    expect(states(client)).toEqual(["r1:failed", "r2:sending"]);
    expect(client.outbox.entries[0]?.problem).toEqual({ code: "refused", message: "No files." });
    world.socket.say({ type: "ok", id: 2, seq: 1 });
    client.outbox.retry("r1");
    expect(states(client)[0]).toBe("r1:sending");
    world.socket.say({ type: "no", id: 3, code: "refused", message: "No." });
    client.outbox.discard("r1");
    expect(states(client)).toEqual(["r2:sent"]);
  });

  it("waits when the server cannot, and the next of its conversation with it", () => {
    const { world, client } = visitor();
    world.chance = () => 0;
    client.start();
    join(world, 0, true);
    client.post({ text: "one", ref: "r1" });
    client.post({ text: "two", ref: "r2" });
    world.socket.say({ type: "no", id: 1, code: "unavailable", message: "", retry_after: 2 });
    expect(states(client)).toEqual(["r1:queued", "r2:queued"]);
    world.pass(1999);
    expect(world.socket.commands("post")).toHaveLength(1);
    world.pass(1);
    expect(world.socket.commands("post").map((frame) => frame.ref)).toEqual(["r1", "r1"]);
  });

  it("does not hold back another conversation", () => {
    const { world, client } = agent();
    client.start();
    join(world, 0, true);
    for (const conversation of ["cnv_1", "cnv_1", "cnv_2"]) {
      client.post({ conversation, kind: "public", text: "x" });
    }
    const went = world.socket.commands("post").map((frame) => frame.conversation);
    expect(went).toEqual(["cnv_1", "cnv_2"]);
  });

  it("that is too large is refused before it costs the connection", () => {
    const { client } = visitor();
    expect(() => client.post({ text: "€".repeat(22_000) })).toThrow(Refused);
    expect(client.outbox.entries).toEqual([]);
  });

  it("with half a character is sent whole", () => {
    const { world, client } = visitor();
    client.start();
    join(world, 0, true);
    client.post({ text: "a\ud83d b 👍 \\ud83d" });
    expect(world.socket.commands("post")[0].text).toBe("a\ufffd b 👍 \\ud83d");
  });

  it("stays queued through a sign-out and goes after the next sign-in", () => {
    const { world, client } = visitor();
    client.start();
    join(world, 0, true);
    client.post({ text: "hello", ref: "r1" });
    world.socket.drop("unauthenticated");
    expect(states(client)).toEqual(["r1:queued"]);
    client.start();
    join(world, 0, false);
    expect(states(client)).toEqual(["r1:sending"]);
  });
});

describe("what may be lost", () => {
  it("is dropped when not live, but watch and presence are said again", () => {
    const { world, client } = agent();
    client.start();
    client.send({ type: "typing", conversation: "cnv_1", on: true });
    client.send({ type: "watch", conversation: "cnv_1" });
    client.send({ type: "watch", conversation: "cnv_2" });
    client.send({ type: "set_presence", presence: "away" });
    const said = () =>
      world.socket.sent
        .slice(1)
        .map(({ type, conversation, presence }) => [type, conversation ?? presence]);
    const standing = [
      ["watch", "cnv_2"],
      ["set_presence", "away"],
    ];
    join(world, 0, true);
    expect(said()).toEqual(standing);
    client.send({ type: "typing", conversation: "cnv_2", on: true });
    lose(world);
    join(world, 0, false);
    expect(said()).toEqual(standing);
  });
});

describe("listening", () => {
  it("gets snapshots, events and what is ephemeral, until it stops", () => {
    const { world, client } = visitor();
    const heard: string[] = [];
    const note = (frame: { type: string }) => void heard.push(frame.type);
    const stops = [
      client.on("welcome", note),
      client.on("snapshot", note),
      client.on("event", note),
      client.on("typing", note),
      client.on("presence", note),
    ];
    client.start();
    join(world, 0, true);
    world.socket.say(row(1, null));
    world.socket.say(row(1, null));
    world.socket.say({ type: "typing", member: "mem_1", name: "Ada", on: true });
    world.socket.say({ type: "presence", online: true });
    expect(heard).toEqual(["welcome", "snapshot", "event", "typing", "presence"]);
    for (const stop of stops) stop();
    world.socket.say(row(2, null));
    expect(heard).toHaveLength(5);
  });

  it("does not cost the others a frame when one listener throws", () => {
    const complaint = vi.spyOn(console, "error").mockImplementation(() => {});
    const { world, client } = visitor();
    client.on("event", () => {
      throw new Error("mine");
    });
    const heard: number[] = [];
    client.on("event", (frame) => heard.push(frame.seq));
    client.start();
    join(world, 0, true);
    world.socket.say(row(1, null));
    expect(heard).toEqual([1]);
    expect(client.cursor?.after).toBe(1);
    expect(complaint).toHaveBeenCalledOnce();
  });

  it("survives frames it does not know, and tells of its own faults", () => {
    const { world, client } = visitor();
    const refused = vi.fn();
    client.on("refused", refused);
    client.start();
    join(world, 0, true);
    world.socket.say({ type: "novelty" });
    world.socket.say({ type: "ok", id: 99 });
    world.socket.say({ type: "no", id: 99, code: "refused", message: "" });
    world.socket.say({ type: "no", code: "invalid", message: "What?" });
    expect(refused).toHaveBeenCalledWith({ code: "invalid", message: "What?" });
    expect(client.state.kind).toBe("live");
  });

  it("may start, stop and ask from inside", () => {
    const { world, client } = visitor();
    client.on("state", (state) => {
      if (state.kind === "live") void client.request({ type: "mark", read: 1 }).catch(() => {});
    });
    const stop = client.on("event", () => client.stop());
    client.start();
    join(world, 0, true);
    expect(world.socket.commands("mark")).toHaveLength(1);
    world.socket.say(row(1, null));
    expect(client.state.kind).toBe("idle");
    expect(world.timersLeft).toBe(0);
    stop();
    client.on("state", (state) => state.kind === "connecting" && client.stop());
    client.start();
    expect(world.sockets).toHaveLength(1);
  });
});

it("makes websocket addresses and refs", () => {
  expect(socketUrl("https://chat.example/", "/ws/visitor")).toBe("wss://chat.example/ws/visitor");
  expect(socketUrl("http://127.0.0.1:8080", "/ws/agent")).toBe("ws://127.0.0.1:8080/ws/agent");
  const refs = Array.from({ length: 100 }, newRef);
  expect(new Set(refs).size).toBe(100);
  for (const ref of refs) {
    expect(ref).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});
