// A world of its own for each test: a clock that moves when told, chance that repeats, sockets
// that are ours, a store that several tabs share.

import { CLOSE_CODES, type CloseCode } from "../src/generated.ts";
import type { Store } from "../src/store.ts";
import type { PageEvent, SocketLike, Surroundings } from "../src/surroundings.ts";

/** Mulberry32: the same seed, the same numbers. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

// biome-ignore lint/suspicious/noExplicitAny: what was sent is looked at freely
type Sent = any;

export class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: Sent[] = [];
  closed = false;
  readonly url: string;
  heard: (frame: Sent) => void = () => {};

  constructor(url: string) {
    this.url = url;
  }

  send(text: string): void {
    const frame = JSON.parse(text);
    this.sent.push(frame);
    this.heard(frame);
  }

  close(): void {
    this.closed = true;
  }

  open(): void {
    this.onopen?.();
  }

  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** The other side hangs up. */
  drop(reason: CloseCode | number = 1006): void {
    const code = typeof reason === "number" ? reason : CLOSE_CODES[reason].code;
    this.closed = true;
    this.onclose?.({ code });
  }

  /** The commands of one type that were sent over it. */
  commands(type: string): Sent[] {
    return this.sent.filter((frame) => frame.type === type);
  }
}

interface Timer {
  at: number;
  fn: () => void;
}

export class World implements Surroundings {
  time = 1_000_000;
  chance: () => number = () => 0.5;
  readonly sockets: FakeSocket[] = [];
  private readonly timers = new Set<Timer>();
  private readonly pages = new Set<(what: PageEvent) => void>();

  now = (): number => this.time;
  random = (): number => this.chance();

  connect = (url: string): SocketLike => {
    const socket = new FakeSocket(url);
    this.sockets.push(socket);
    return socket;
  };

  after = (ms: number, fn: () => void): (() => void) => {
    const timer = { at: this.time + ms, fn };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  };

  onPage = (fn: (what: PageEvent) => void): (() => void) => {
    this.pages.add(fn);
    return () => void this.pages.delete(fn);
  };

  get socket(): FakeSocket {
    const newest = this.sockets[this.sockets.length - 1];
    if (!newest) throw new Error("nothing connected");
    return newest;
  }

  get timersLeft(): number {
    return this.timers.size;
  }

  page(what: PageEvent): void {
    for (const fn of [...this.pages]) fn(what);
  }

  /** Lets time pass until the next attempt to connect. */
  passUntilConnecting(): void {
    const before = this.sockets.length;
    for (let ms = 0; ms <= 30_000 && this.sockets.length === before; ms += 10) this.pass(10);
  }

  /** Lets time pass; timers fire in order. */
  pass(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const due = [...this.timers].filter((timer) => timer.at <= until);
      const first = due.sort((a, b) => a.at - b.at)[0];
      if (!first) break;
      this.timers.delete(first);
      this.time = Math.max(this.time, first.at);
      first.fn();
    }
    this.time = until;
  }
}

/** One localStorage, as several tabs see it. A tab does not hear itself. */
export class Disk {
  readonly texts = new Map<string, string>();
  full = false;
  private readonly tabs = new Set<{ fn: (key: string, value: string | null) => void }>();

  tab(): Store {
    const self = { fn: (_key: string, _value: string | null) => {} };
    const tellOthers = (key: string, value: string | null) => {
      for (const tab of this.tabs) if (tab !== self) tab.fn(key, value);
    };
    return {
      get: (key) => this.texts.get(key) ?? null,
      set: (key, value) => {
        if (this.full) return false;
        this.texts.set(key, value);
        tellOthers(key, value);
        return true;
      },
      remove: (key) => {
        if (this.texts.delete(key)) tellOthers(key, null);
      },
      keys: (prefix) => [...this.texts.keys()].filter((key) => key.startsWith(prefix)),
      watch: (fn) => {
        self.fn = fn;
        this.tabs.add(self);
        return () => void this.tabs.delete(self);
      },
    };
  }
}

export const welcome = (seq: number, snapshot: boolean, epoch = "e1") => ({
  type: "welcome",
  session: "ses_1",
  epoch,
  seq,
  me: "mem_1",
  snapshot,
});

export const event = (seq: number, more: object = { event: "gone" }) => ({
  type: "event",
  seq,
  at: "2026-01-01T00:00:00Z",
  ...more,
});
