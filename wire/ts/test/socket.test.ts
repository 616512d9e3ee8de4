import { describe, expect, it } from "vitest";
import { delay } from "../src/backoff.ts";
import { ReconnectingSocket, SILENCE_MS, type State } from "../src/socket.ts";
import type { Cursor } from "../src/types.ts";
import { event, seeded, World, welcome } from "./world.ts";

function setting(options: { contiguous?: boolean; cursor?: Cursor | null } = {}) {
  const world = new World();
  const states: State[] = [];
  const frames: { type: string; seq?: number }[] = [];
  const cursors: (Cursor | null)[] = [];
  const socket = new ReconnectingSocket<{ type: string; seq?: number }>({
    url: "ws://here/ws",
    hello: (resume) => ({ type: "hello", ...resume }),
    contiguous: options.contiguous ?? true,
    cursor: options.cursor ?? null,
    onCursor: (cursor) => cursors.push(cursor),
    onState: (state) => states.push(state),
    onFrame: (frame) => frames.push(frame),
    surroundings: world,
  });
  const events = () => frames.filter((frame) => frame.type === "event").map((frame) => frame.seq);
  const arrive = (seq: number, snapshot: boolean) => {
    world.socket.open();
    world.socket.say(welcome(seq, snapshot));
    if (snapshot) world.socket.say({ type: "snapshot", seq, snapshot: {} });
  };
  return { world, socket, states, frames, cursors, events, arrive };
}

describe("hello", () => {
  it("asks for a snapshot first and resumes afterwards", () => {
    const { world, socket, arrive, events } = setting();
    socket.start();
    arrive(7, true);
    expect(world.socket.sent).toEqual([{ type: "hello" }]);
    world.socket.say(event(8));
    world.socket.drop();
    world.pass(500);
    arrive(9, false);
    expect(world.socket.sent).toEqual([{ type: "hello", epoch: "e1", after: 8 }]);
    world.socket.say(event(9));
    expect(events()).toEqual([8, 9]);
  });

  it("is live after welcome only, and not twice over one socket", () => {
    const { world, socket, states } = setting();
    socket.start();
    world.socket.open();
    expect(socket.send("{}")).toBe(false);
    world.socket.say(event(1));
    world.socket.say(welcome(0, true));
    expect(states.map((state) => state.kind)).toEqual(["connecting", "live"]);
    expect(socket.send("{}")).toBe(true);
    socket.start();
    expect(world.sockets).toHaveLength(1);
  });

  it("takes no other epoch for a resume", () => {
    const { world, socket } = setting({ cursor: { epoch: "e0", after: 4 } });
    socket.start();
    world.socket.open();
    expect(world.socket.sent[0]).toEqual({ type: "hello", epoch: "e0", after: 4 });
    world.socket.say(welcome(4, false, "e1"));
    world.pass(500);
    world.socket.open();
    expect(world.socket.sent[0]).toEqual({ type: "hello" });
  });
});

describe("position", () => {
  it("drops what it has", () => {
    const { world, socket, arrive, events, cursors } = setting();
    socket.start();
    arrive(5, true);
    for (const seq of [4, 5, 6, 6, 5, 7]) world.socket.say(event(seq));
    expect(events()).toEqual([6, 7]);
    expect(cursors.map((cursor) => cursor?.after)).toEqual([5, 6, 7]);
  });

  it("reconnects on a gap without delivering past it", () => {
    const { world, socket, arrive, events } = setting();
    socket.start();
    arrive(5, true);
    world.socket.say(event(7));
    expect(world.socket.closed).toBe(true);
    world.pass(500);
    arrive(7, false);
    expect(world.socket.sent[0]).toMatchObject({ after: 5 });
    world.socket.say(event(6));
    world.socket.say(event(7));
    expect(events()).toEqual([6, 7]);
  });

  it("reconnects when a beat shows a lost tail", () => {
    const { world, socket, arrive } = setting();
    socket.start();
    arrive(5, true);
    world.socket.say({ type: "beat", seq: 5 });
    expect(world.socket.closed).toBe(false);
    world.socket.say({ type: "beat", seq: 6 });
    expect(world.socket.closed).toBe(true);
  });

  it("lets a beat overtake while it catches up, as long as it does", () => {
    const { world, socket, arrive } = setting({ cursor: { epoch: "e1", after: 1 } });
    socket.start();
    arrive(9, false);
    world.socket.say({ type: "beat", seq: 9 });
    world.socket.say(event(2));
    world.socket.say({ type: "beat", seq: 9 });
    expect(world.socket.closed).toBe(false);
    world.socket.say({ type: "beat", seq: 9 });
    expect(world.socket.closed).toBe(true);
  });

  it("takes a snapshot when it stays stuck at one place", () => {
    const { world, socket, arrive } = setting();
    socket.start();
    arrive(5, true);
    for (let round = 0; round < 3; round++) {
      world.socket.say(event(9));
      world.passUntilConnecting();
      world.socket.open();
      if (round < 2) world.socket.say(welcome(9, false));
    }
    expect(world.socket.sent[0]).toEqual({ type: "hello" });
  });

  it("moves with holes and beats where events are a visitor's own", () => {
    const { world, socket, arrive, events } = setting({ contiguous: false });
    socket.start();
    arrive(5, true);
    world.socket.say(event(9));
    world.socket.say({ type: "beat", seq: 12 });
    world.socket.say(event(11));
    world.socket.say({ type: "beat", seq: 3 });
    world.socket.say(event(20));
    expect(events()).toEqual([9, 20]);
    expect(socket.cursor).toEqual({ epoch: "e1", after: 20 });
    expect(world.sockets).toHaveLength(1);
  });
});

describe("coming back", () => {
  it("waits a random part of a bound that doubles from half a second to thirty", () => {
    const bounds = [0, 1, 2, 3, 4, 5, 6, 7, 60].map((tries) => delay(null, tries, 1));
    expect(bounds).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
    expect(delay(null, 6, 0)).toBe(0);
    const random = seeded(1);
    for (let tries = 0; tries < 200; tries++) {
      const wait = delay("too_slow", tries, random());
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThan(30_000);
    }
    expect(delay("moving", 9, 0.9)).toBe(9000);
  });

  it("backs off while nobody answers, and says until when", () => {
    const { world, socket, states } = setting();
    socket.start();
    for (let attempt = 0; attempt < 4; attempt++) {
      world.socket.drop();
      world.pass(250 * 2 ** attempt - 1);
      expect(world.sockets).toHaveLength(attempt + 1);
      world.pass(1);
      expect(world.sockets).toHaveLength(attempt + 2);
    }
    const offline = states.filter((state) => state.kind === "offline");
    const waits = offline.map((state) => state.retryAt - state.since);
    expect(offline).toHaveLength(2);
    expect(waits).toEqual([250 + 500 + 1000, 250 + 500 + 1000 + 2000]);
  });

  it("does not forget failures on a welcome, only on a beat", () => {
    const { world, socket, arrive } = setting();
    socket.start();
    for (let attempt = 0; attempt < 4; attempt++) {
      world.socket.drop("too_many");
      world.passUntilConnecting();
    }
    arrive(1, true);
    world.socket.drop("too_many");
    expect(socket.state).toMatchObject({ kind: "offline", retryAt: world.time + 4000 });
    world.pass(4000);
    arrive(1, false);
    world.socket.say({ type: "beat", seq: 1 });
    world.socket.drop();
    world.pass(250);
    expect(socket.state.kind).toBe("connecting");
    expect(world.socket.closed).toBe(false);
  });

  it("spreads over ten seconds when the server moves", () => {
    const { world, socket, arrive } = setting();
    world.chance = () => 0.93;
    socket.start();
    arrive(1, true);
    world.socket.drop("moving");
    expect(socket.state).toMatchObject({ kind: "offline", retryAt: world.time + 9300 });
    world.page("visible");
    world.pass(9299);
    expect(world.sockets).toHaveLength(1);
    world.pass(1);
    expect(world.sockets).toHaveLength(2);
  });

  it.each(["unauthenticated", "forbidden", "malformed", "signed_out"] as const)(
    "stops at %s until it is started again",
    (code) => {
      const { world, socket, arrive } = setting();
      socket.start();
      arrive(1, true);
      world.socket.drop(code);
      expect(socket.state).toEqual({ kind: "stopped", code });
      world.page("online");
      socket.retryNow();
      world.pass(3_600_000);
      expect(world.sockets).toHaveLength(1);
      expect(world.timersLeft).toBe(0);
      socket.start();
      expect(world.sockets).toHaveLength(2);
    },
  );

  it.each(["too_slow", "too_large", "no_hello", "too_many", "unavailable"] as const)(
    "comes back after %s",
    (code) => {
      const { world, socket, arrive } = setting();
      socket.start();
      arrive(1, true);
      world.socket.drop(code);
      world.pass(500);
      expect(world.sockets).toHaveLength(2);
    },
  );

  it("takes fifteen seconds of silence for a loss", () => {
    const { world, socket, arrive } = setting();
    socket.start();
    arrive(1, true);
    for (let beat = 0; beat < 10; beat++) {
      world.pass(SILENCE_MS - 1);
      world.socket.say({ type: "beat", seq: 1 });
    }
    expect(world.sockets).toHaveLength(1);
    const { socket: first } = world;
    world.pass(SILENCE_MS);
    expect(first.closed).toBe(true);
    world.pass(500);
    expect(world.sockets).toHaveLength(2);
  });

  it("does not wait for ever for a connection that does not open", () => {
    const { world, socket } = setting();
    socket.start();
    world.pass(SILENCE_MS + 500);
    expect(world.sockets).toHaveLength(2);
  });

  it("does not wait for ever for a snapshot that does not come", () => {
    const { world, socket } = setting();
    socket.start();
    world.socket.open();
    world.socket.say(welcome(5, true));
    for (let beat = 0; beat < 3; beat++) {
      world.pass(5000);
      world.socket.say({ type: "beat", seq: 5 });
    }
    expect(world.sockets[0]?.closed).toBe(true);
  });

  it("does not hear a socket it left", () => {
    const { world, socket, arrive, events } = setting();
    socket.start();
    arrive(1, true);
    const { socket: first } = world;
    const late = first.onmessage;
    world.page("offline");
    expect(first.onmessage).toBeNull();
    expect(late).not.toBeNull();
    world.pass(500);
    arrive(1, false);
    first.say(event(2));
    first.drop();
    expect(events()).toEqual([]);
    expect(socket.state.kind).toBe("live");
  });

  it("survives a constructor that throws", () => {
    const { world, socket } = setting();
    const { connect } = world;
    world.connect = () => {
      throw new Error("SecurityError");
    };
    socket.start();
    world.connect = connect;
    world.pass(500);
    expect(world.sockets).toHaveLength(1);
  });

  it("drops a connection that talks nonsense", () => {
    const { world, socket, arrive } = setting();
    socket.start();
    arrive(1, true);
    world.socket.onmessage?.({ data: "<html>" });
    expect(world.socket.closed).toBe(true);
  });
});

describe("the page", () => {
  it("comes back at once when the network returns or the page is seen", () => {
    for (const what of ["online", "visible"] as const) {
      const { world, socket } = setting();
      socket.start();
      for (let attempt = 0; attempt < 6; attempt++) {
        world.socket.drop();
        if (attempt < 5) world.passUntilConnecting();
      }
      expect(socket.state.kind).toBe("offline");
      world.page(what);
      expect(world.sockets).toHaveLength(7); // six attempts and this one
      expect(socket.state.kind).toBe("connecting");
    }
  });

  it("says at once that the network went", () => {
    const { world, socket, arrive } = setting();
    socket.start();
    arrive(1, true);
    world.page("offline");
    expect(world.socket.closed).toBe(true);
    expect(socket.state.kind).toBe("connecting");
  });

  it("trusts a live connection for one beat only after the network changed", () => {
    const { world, socket, arrive } = setting();
    socket.start();
    arrive(1, true);
    world.page("online");
    world.pass(5999);
    expect(world.socket.closed).toBe(false);
    world.pass(1);
    expect(world.sockets[0]?.closed).toBe(true);
  });

  it("retries at once when told, and stays closed when told", () => {
    const { world, socket } = setting();
    socket.start();
    world.socket.drop();
    socket.retryNow();
    expect(world.sockets).toHaveLength(2);
    socket.retryNow();
    expect(world.sockets).toHaveLength(2);
    socket.stop();
    expect(world.socket.closed).toBe(true);
    world.page("online");
    world.pass(100_000);
    expect(world.sockets).toHaveLength(2);
    expect(world.timersLeft).toBe(0);
    expect(socket.state).toEqual({ kind: "idle" });
  });
});
