// The whole client: commands that are answered once, messages that are not lost, and events in
// order. The socket below it knows positions; the outbox knows what was written.

import {
  type Code,
  type Done,
  FRAME_MAX_BYTES,
  type Message,
  type VisitorMessage,
} from "./generated.ts";
import { DurableOutbox, type Entry, type Outbox } from "./outbox.ts";
import { Requests } from "./requests.ts";
import { ReconnectingSocket, type State } from "./socket.ts";
import { memoryStore, type Store } from "./store.ts";
import { browser, newRef, type Surroundings } from "./surroundings.ts";
import {
  type Cursor,
  type DraftOf,
  type EphemeralOf,
  type FrameOf,
  type HelloOf,
  type Mode,
  Refused,
  type RequestOf,
  type Sent,
} from "./types.ts";

/** What `no` without `retry_after` means for a command that may go again. */
const RETRY_AFTER_MS = 1000;

export interface ClientOptions<M extends Mode> {
  mode: M;
  url: string | (() => string);
  /** Makes the first frame of every connection; spread `resume` into it. */
  hello(resume: { epoch?: string; after?: number }): HelloOf<M>;
  store?: Store;
  /** Where unsent messages are kept. One per person: their messages must never mix. */
  outboxKey?: string;
  /** Only with the rows that belong to it. */
  cursor?: Cursor | null;
  onCursor?(cursor: Cursor | null): void;
  surroundings?: Surroundings;
}

/** What one can listen to. */
export interface Happenings<M extends Mode> {
  state: State;
  welcome: FrameOf<M, "welcome">;
  /** It replaces all there is. */
  snapshot: FrameOf<M, "snapshot">;
  /** In order, each once. */
  event: FrameOf<M, "event">;
  typing: FrameOf<M, "typing">;
  presence: FrameOf<M, "presence">;
  viewers: FrameOf<M, "viewers">;
  outbox: readonly Entry<DraftOf<M>>[];
  /** Once for each message of the outbox, when it is durable. */
  sent: Sent;
  /** The server did not understand a frame; a fault of this client. */
  refused: { code: Code; message: string };
}

export interface Client<M extends Mode> {
  readonly state: State;
  readonly cursor: Cursor | null;
  readonly outbox: Outbox<DraftOf<M>>;
  start(): void;
  stop(): void;
  retryNow(): void;
  request(command: RequestOf<M>): Promise<Done>;
  send(command: EphemeralOf<M>): void;
  post(draft: DraftOf<M>): Entry<DraftOf<M>>;
  on<K extends keyof Happenings<M>>(what: K, fn: (value: Happenings<M>[K]) => void): () => void;
}

export function createClient<M extends Mode>(options: ClientOptions<M>): Client<M> {
  return new SwitchboardClient(options);
}

/** The frames of both modes as far as this file tells them apart. */
type Incoming =
  | ({ type: "ok"; id: number } & Done)
  | { type: "no"; id?: number; code: Code; message: string; retry_after?: number }
  | { type: "event"; seq: number; event: "message"; message: Message | VisitorMessage }
  | { type: "event"; seq: number; event: "other" }
  | { type: "welcome" | "snapshot" | "typing" | "presence" | "viewers" };

class SwitchboardClient<M extends Mode> implements Client<M> {
  readonly outbox: DurableOutbox<DraftOf<M>>;

  readonly #around: Surroundings;
  readonly #socket: ReconnectingSocket<Incoming>;
  readonly #requests = new Requests<RequestOf<M>>();
  /** Posts under way: the id of the command, the ref of the message. */
  readonly #posts = new Map<number, string>();
  /** What the server has to be told again after every reconnect, by type. */
  readonly #standing = new Map<string, EphemeralOf<M>>();
  readonly #listeners = new Map<string, Set<(value: never) => void>>();
  #lastId = 0;
  #cancelPump: (() => void) | null = null;
  #unwatch: (() => void) | null = null;

  constructor(options: ClientOptions<M>) {
    const around = options.surroundings ?? browser;
    this.#around = around;
    this.outbox = new DurableOutbox<DraftOf<M>>({
      store: options.store ?? memoryStore(),
      key: options.outboxKey ?? "sb:outbox",
      lane: (draft) => ("conversation" in draft ? draft.conversation : ""),
      now: around.now,
      onChange: (entries) => this.#tell("outbox", entries),
      onDue: () => this.#pump(),
    });
    this.#socket = new ReconnectingSocket<Incoming>({
      url: options.url,
      hello: options.hello,
      contiguous: options.mode === "agent",
      cursor: options.cursor ?? null,
      onCursor: (cursor) => {
        options.onCursor?.(cursor);
        if (cursor) this.outbox.seen(cursor.after);
      },
      onState: (state) => this.#became(state),
      onFrame: (frame) => this.#receive(frame),
      surroundings: around,
    });
  }

  get state(): State {
    return this.#socket.state;
  }

  get cursor(): Cursor | null {
    return this.#socket.cursor;
  }

  start(): void {
    this.#unwatch ??= this.outbox.watch();
    this.#socket.start();
  }

  stop(): void {
    this.#socket.stop();
    this.#unwatch?.();
    this.#unwatch = null;
    this.#requests.refuseAll(new Refused("unavailable", "The connection was closed."));
  }

  retryNow(): void {
    this.#socket.retryNow();
  }

  request(command: RequestOf<M>): Promise<Done> {
    const { state } = this;
    if (state.kind === "stopped") return Promise.reject(stoppedBy(state.code));
    if (!fits(command)) return Promise.reject(tooLarge());
    const done = this.#requests.add(++this.#lastId, command);
    this.#pump();
    return done;
  }

  send(command: EphemeralOf<M>): void {
    const { type } = command;
    if (type === "watch" || type === "set_presence") this.#standing.set(type, command);
    this.#transmit(command);
  }

  post(draft: DraftOf<M>): Entry<DraftOf<M>> {
    if (!fits(draft)) throw tooLarge();
    const { ref = newRef() } = draft;
    const entry = this.outbox.add(ref, draft);
    this.#pump();
    return this.outbox.find(ref) ?? entry;
  }

  on<K extends keyof Happenings<M>>(what: K, fn: (value: Happenings<M>[K]) => void): () => void {
    const fns = this.#listeners.get(what) ?? new Set();
    this.#listeners.set(what, fns);
    fns.add(fn);
    return () => void fns.delete(fn);
  }

  #tell<K extends keyof Happenings<M>>(what: K, value: Happenings<M>[K]): void {
    for (const fn of [...(this.#listeners.get(what) ?? [])]) {
      try {
        (fn as (value: Happenings<M>[K]) => void)(value);
      } catch (error) {
        console.error(error); // a listener's fault must not cost the others a frame
      }
    }
  }

  #became(state: State): void {
    if (state.kind !== "live") {
      this.#cancelPump?.();
      this.#posts.clear();
      this.#requests.lost();
      this.outbox.lost();
    }
    if (state.kind === "stopped") this.#requests.refuseAll(stoppedBy(state.code));
    this.#tell("state", state);
  }

  #receive(frame: Incoming): void {
    if (frame.type === "ok") {
      const { type: _, id, ...done } = frame;
      this.#answered(id, done);
    } else if (frame.type === "no") {
      this.#denied(frame);
    } else {
      this.#tell(frame.type, frame as never);
      if (frame.type === "welcome") this.#joined();
      else if (frame.type === "event" && frame.event === "message") this.#arrived(frame.message);
    }
  }

  #joined(): void {
    for (const command of this.#standing.values()) this.#transmit(command);
    this.outbox.refresh();
    this.#pump();
  }

  #answered(id: number, done: Done): void {
    const ref = this.#posts.get(id);
    this.#posts.delete(id);
    if (ref === undefined) this.#requests.done(id, done);
    else this.#delivered(ref, done);
    this.#pump();
  }

  /** A row with our ref proves that its message is durable, even where `ok` was lost. */
  #arrived(row: Message | VisitorMessage): void {
    const { ref, seq, id } = row;
    if (!ref || !this.outbox.find(ref)) return;
    this.#delivered(ref, { seq, message: id, ...(row.n === null ? {} : { n: row.n }) });
    this.#pump();
  }

  #delivered(ref: string, done: Done): void {
    const entry = this.outbox.find(ref);
    if (!entry || entry.state === "sent") return;
    this.outbox.acknowledged(ref, done.seq ?? 0);
    this.#tell("sent", { ref, done });
    if (this.cursor) this.outbox.seen(this.cursor.after);
  }

  #denied(frame: Incoming & { type: "no" }): void {
    const { id, code, message, retry_after } = frame;
    if (id === undefined) {
      this.#tell("refused", { code, message });
      return;
    }
    const ref = this.#posts.get(id);
    this.#posts.delete(id);
    if (code === "unavailable" || code === "rate_limited") {
      const asked = retry_after === undefined ? RETRY_AFTER_MS : retry_after * 1000;
      const until = this.#around.now() + asked * (1 + this.#around.random() / 4);
      if (ref === undefined) this.#requests.hold(id, until);
      else this.outbox.hold(ref, until);
    } else if (ref === undefined) {
      this.#requests.refuse(id, new Refused(code, message, retry_after ?? null));
    } else {
      this.outbox.failed(ref, code, message);
    }
    this.#pump();
  }

  /** Sends what may go, and comes back when more may. */
  #pump(): void {
    this.#cancelPump?.();
    this.#cancelPump = null;
    if (this.state.kind !== "live") return;
    const now = this.#around.now();
    const requests = this.#requests.due(now);
    for (const { id, command } of requests.due) {
      this.#requests.sent(id);
      this.#socket.send(encode({ id, ...command }));
    }
    const posts = this.outbox.due(now);
    for (const { ref, post } of posts.due) {
      this.#posts.set(++this.#lastId, ref);
      this.outbox.sending(ref);
      this.#socket.send(encode({ id: this.#lastId, type: "post", ...post, ref }));
    }
    const next = Math.min(requests.next, posts.next);
    if (next < Number.POSITIVE_INFINITY) {
      this.#cancelPump = this.#around.after(next - now, () => this.#pump());
    }
  }

  #transmit(command: EphemeralOf<M>): void {
    this.#socket.send(encode({ id: ++this.#lastId, ...command }));
  }
}

/** Half a surrogate pair has no UTF-8; the server would refuse the whole frame. */
function encode(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    typeof part === "string" ? part.replace(/\p{Cs}/gu, "\ufffd") : part,
  );
}

/** A larger frame would cost the connection, again after every reconnect. */
function fits(value: unknown): boolean {
  return new TextEncoder().encode(encode(value)).length <= FRAME_MAX_BYTES - 256;
}

function tooLarge(): Refused {
  return new Refused("too_large", "This is too long to send.");
}

function stoppedBy(code: string): Refused {
  const forbidden = code === "forbidden";
  return forbidden
    ? new Refused("forbidden", "This page may not connect.")
    : code === "malformed"
      ? new Refused("invalid", "The server did not understand this page. Reload it.")
      : new Refused("unauthenticated", "You are signed out.");
}
