// A network that loses, delays and cuts, a page that is reloaded, two tabs: whatever was written
// arrives once and in order, and every tab sees every event once and in order.

import { describe, expect, it } from "vitest";
import { type Client, createClient } from "../src/client.ts";
import { Disk, type FakeSocket, seeded, World } from "./world.ts";

interface Logged {
  seq: number;
  ref: string | null;
  text: string;
  conversation: string;
}

/** As strict as the real one: a ref has one effect, events are numbered without holes. */
class Server {
  readonly log: Logged[] = [];
  private readonly waiting: (() => void)[] = [];
  private readonly open = new Set<FakeSocket>();
  private readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  get seq(): number {
    return this.log.length;
  }

  accept(socket: FakeSocket): void {
    socket.heard = (frame) => this.later(socket, () => this.heard(socket, frame));
    this.open.add(socket);
    socket.open();
  }

  /** Another person writes. */
  other(): void {
    this.append({ ref: null, text: "other", conversation: "cnv_o" });
  }

  cut(): void {
    const all = [...this.open];
    const one = all[Math.floor(this.random() * all.length)];
    if (!one) return;
    this.open.delete(one);
    if (!one.closed) one.drop();
  }

  /** Frames arrive in order; how many at a time is chance. */
  work(frames = Math.floor(this.random() * 4)): boolean {
    for (; frames > 0; frames--) this.waiting.shift()?.();
    return this.waiting.length > 0;
  }

  beat(): void {
    for (const socket of this.open) this.say(socket, { type: "beat", seq: this.seq });
  }

  private heard(socket: FakeSocket, frame: ReturnType<typeof JSON.parse>): void {
    if (frame.type === "hello") {
      const resumes = frame.epoch === "e";
      const session = { session: "s", epoch: "e", seq: this.seq, me: "mem_1" };
      this.say(socket, { type: "welcome", ...session, snapshot: !resumes });
      if (!resumes) this.say(socket, { type: "snapshot", seq: this.seq, snapshot: {} });
      else for (const one of this.log.slice(frame.after)) this.say(socket, eventOf(one));
    } else if (this.random() < 0.15) {
      this.say(socket, { type: "no", id: frame.id, code: "unavailable", message: "Later." });
    } else {
      const had = this.log.find((one) => one.ref === frame.ref);
      const { ref, text, conversation } = frame;
      const answer = () => this.say(socket, { type: "ok", id: frame.id, seq: done.seq });
      const first = this.random() < 0.5;
      const done = had ?? { seq: this.seq + 1 };
      if (first) answer();
      if (!had) this.append({ ref, text, conversation });
      if (!first) answer();
    }
  }

  private append(one: Omit<Logged, "seq">): void {
    const logged = { seq: this.seq + 1, ...one };
    this.log.push(logged);
    for (const socket of this.open) {
      this.say(socket, eventOf(logged));
      if (this.random() < 0.05) this.say(socket, eventOf(logged));
    }
  }

  private say(socket: FakeSocket, frame: object): void {
    if (this.random() < 0.02) return; // the hub lost it
    this.later(socket, () => socket.say(frame));
  }

  private later(socket: FakeSocket, what: () => void): void {
    this.waiting.push(() => {
      if (!socket.closed) what();
    });
  }
}

const eventOf = ({ seq, ref, text, conversation }: Logged) => ({
  type: "event",
  seq,
  at: "2026-01-01T00:00:00Z",
  event: "message",
  change: "posted",
  message: { id: `msg_${seq}`, seq, rev: seq, n: seq, ref, text, conversation },
  conversation: {},
});

function run(seed: number): void {
  const random = seeded(seed);
  const world = new World();
  world.chance = random;
  const server = new Server(random);
  const disk = new Disk();
  const written: { text: string; conversation: string }[] = [];
  const tabs = [open(), open()];
  let accepted = 0;

  for (let turn = 0; turn < 150; turn++) {
    const what = random();
    const tab = Math.floor(random() * tabs.length);
    if (what < 0.2) write(tab);
    else if (what < 0.25) server.cut();
    else if (what < 0.3) server.other();
    else if (what < 0.32) tabs[tab] = reload(tabs[tab]);
    else if (what < 0.34) world.page("visible");
    world.pass(random() * 800);
    accept();
    server.work();
    if (turn % 8 === 0) server.beat();
  }
  // Calm: the connection may still have to find out about a loss.
  for (let turn = 0; turn < 200; turn++) {
    world.pass(2500);
    accept();
    while (server.work(10));
    server.beat();
    while (server.work(10));
  }

  for (const tab of tabs) {
    expect(tab?.client.outbox.entries).toEqual([]);
    expect(tab?.seen[tab.seen.length - 1] ?? server.seq).toBe(server.seq);
    for (let i = 1; i < (tab?.seen.length ?? 0); i++) {
      expect(tab?.seen[i]).toBe((tab?.seen[i - 1] ?? 0) + 1);
    }
  }
  expect(disk.texts.size).toBe(0);
  for (const conversation of ["cnv_a", "cnv_b"]) {
    const of = (all: { text: string; conversation: string }[]) =>
      all.filter((one) => one.conversation === conversation).map((one) => one.text);
    expect(of(server.log).sort()).toEqual(of(written).sort());
    for (const author of ["0", "1"]) {
      const mine = of(server.log).filter((text) => text.startsWith(author));
      expect(mine).toEqual(of(written).filter((text) => text.startsWith(author)));
    }
  }

  function open() {
    const seen: number[] = [];
    const client = createClient({
      mode: "agent",
      url: "ws://here",
      hello: (resume) => ({ type: "hello", ...resume }),
      store: disk.tab(),
      surroundings: world,
    });
    client.on("snapshot", (frame) => seen.splice(0, seen.length, frame.seq));
    client.on("event", (frame) => seen.push(frame.seq));
    client.start();
    return { client, seen };
  }

  function reload(tab: { client: Client<"agent"> } | undefined) {
    tab?.client.stop();
    return open();
  }

  function write(tab: number): void {
    const conversation = random() < 0.5 ? "cnv_a" : "cnv_b";
    const text = `${tab}:${String(written.length).padStart(3, "0")}`;
    tabs[tab]?.client.post({ conversation, kind: "public", text });
    written.push({ text, conversation });
  }

  function accept(): void {
    for (; accepted < world.sockets.length; accepted++) {
      const socket = world.sockets[accepted];
      if (socket && !socket.closed) server.accept(socket);
    }
  }
}

describe("a bad network", () => {
  it("loses and doubles nothing (300 histories)", () => {
    for (let seed = 1; seed <= 300; seed++) {
      try {
        run(seed);
      } catch (error) {
        throw new Error(`seed ${seed}: ${error}`);
      }
    }
  });
});
