// A websocket that comes back: it says hello, keeps the position in the events, notices silence
// and gaps, and knows when to return and when not to. What frames mean is its owner's business.

import { closeReason, delay, mayReturn } from "./backoff.ts";
import { BEAT_SECONDS, type CloseCode } from "./generated.ts";
import type { SocketLike, Surroundings } from "./surroundings.ts";
import type { Cursor } from "./types.ts";

/** A server that said nothing for three beats is not there. */
export const SILENCE_MS = BEAT_SECONDS * 3000;
/** After the network changed, one beat and a little must be enough. */
const SUSPICION_MS = BEAT_SECONDS * 1000 + 1000;
/** A wait below this is still called connecting. */
const NOTICEABLE_MS = 1000;
/** So many gaps at one position are no accident: a snapshot leads past it. */
const GAPS_AT_ONE_PLACE = 3;

export type State =
  /** Not started, or closed by its owner. */
  | { kind: "idle" }
  /** `since`: when it stopped being live. */
  | { kind: "connecting"; since: number }
  | { kind: "live" }
  | { kind: "offline"; since: number; retryAt: number }
  /** Coming back would not help; the owner must change something and start again. */
  | { kind: "stopped"; code: CloseCode };

/** What of a frame this file looks at. */
interface Positioned {
  type: string;
  seq?: number;
  epoch?: string;
  snapshot?: unknown;
}

export interface SocketOptions<F extends { type: string }> {
  url: string | (() => string);
  /** Makes the first frame. */
  hello(resume: { epoch?: string; after?: number }): unknown;
  /** Whether events are numbered without holes, so that a hole means a loss. */
  contiguous: boolean;
  cursor: Cursor | null;
  /** Called after the frame that moved it was delivered. */
  onCursor(cursor: Cursor | null): void;
  onState(state: State): void;
  /** Every frame but beats; events in order, each once. */
  onFrame(frame: F): void;
  surroundings: Surroundings;
}

export class ReconnectingSocket<F extends { type: string }> {
  state: State = { kind: "idle" };
  cursor: Cursor | null;

  readonly #options: SocketOptions<F>;
  readonly #around: Surroundings;
  #socket: SocketLike | null = null;
  #epoch = "";
  /** What has to arrive before events count. */
  #awaiting: "welcome" | "snapshot" | null = "welcome";
  /** The server's position when we joined. Until there we are catching up. */
  #joined = 0;
  #afterAtBeat = -1;
  #gapAt = -1;
  #gaps = 0;
  #tries = 0;
  #since = 0;
  #heard = 0;
  #moving = false;
  #cancelRetry: (() => void) | null = null;
  #cancelSilence: (() => void) | null = null;
  #leavePage: (() => void) | null = null;

  constructor(options: SocketOptions<F>) {
    this.#options = options;
    this.#around = options.surroundings;
    this.cursor = options.cursor;
  }

  start(): void {
    if (this.state.kind !== "idle" && this.state.kind !== "stopped") return;
    this.#tries = 0;
    this.#since = this.#around.now();
    this.#leavePage = this.#around.onPage((what) => this.#pageChanged(what));
    this.#open();
  }

  stop(): void {
    this.#end({ kind: "idle" });
  }

  retryNow(): void {
    if (this.#cancelRetry) this.#open();
  }

  /** Whether it went out; only a live connection takes anything. */
  send(text: string): boolean {
    if (this.state.kind !== "live" || !this.#socket) return false;
    try {
      this.#socket.send(text);
      return true;
    } catch {
      return false; // closing; its `onclose` follows
    }
  }

  #open(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#moving = false;
    this.#awaiting = "welcome";
    this.#heard = this.#around.now();
    this.#become({ kind: "connecting", since: this.#since });
    if (this.state.kind !== "connecting") return; // its listener stopped us
    const { url } = this.#options;
    let socket: SocketLike;
    try {
      socket = this.#around.connect(typeof url === "string" ? url : url());
    } catch {
      this.#lost(null);
      return;
    }
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify(this.#options.hello(this.cursor ?? {})));
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => this.#lost(closeReason(event.code));
    this.#listenForSilence();
  }

  #receive(data: unknown): void {
    let frame: F & Positioned;
    try {
      frame = JSON.parse(data as string);
    } catch {
      this.#lost(null);
      return;
    }
    const { type } = frame;
    // Beats alone do not count: a session that never starts is as good as silent.
    if (!this.#awaiting || type === "welcome" || type === "snapshot")
      this.#heard = this.#around.now();
    if (type === "welcome") this.#welcomed(frame);
    else if (this.#awaiting === "welcome" && type !== "no") return;
    else if (type === "snapshot") this.#startFrom(frame);
    else if (type === "event") this.#happened(frame, frame.seq ?? 0);
    else if (type === "beat") this.#beaten(frame.seq ?? 0);
    else this.#options.onFrame(frame);
  }

  #welcomed(frame: F & Positioned): void {
    if (!frame.snapshot && frame.epoch !== this.cursor?.epoch) {
      this.#move(null); // it would resume what we do not have
      this.#lost(null);
      return;
    }
    this.#epoch = frame.epoch ?? "";
    this.#joined = frame.seq ?? 0;
    this.#afterAtBeat = -1;
    this.#awaiting = frame.snapshot ? "snapshot" : null;
    this.#become({ kind: "live" });
    this.#options.onFrame(frame);
  }

  #startFrom(frame: F & Positioned): void {
    this.#awaiting = null;
    this.#options.onFrame(frame);
    this.#move({ epoch: this.#epoch, after: frame.seq ?? 0 });
  }

  #happened(frame: F, seq: number): void {
    const { cursor } = this;
    if (this.#awaiting || !cursor || seq <= cursor.after) return;
    if (this.#options.contiguous && seq !== cursor.after + 1) {
      this.#gapped(cursor.after);
      return;
    }
    this.#options.onFrame(frame);
    this.#move({ epoch: this.#epoch, after: seq });
  }

  #beaten(seq: number): void {
    const { cursor } = this;
    if (this.#awaiting || !cursor) return;
    if (seq > cursor.after) {
      if (!this.#options.contiguous) {
        this.#move({ epoch: this.#epoch, after: seq });
      } else if (cursor.after < this.#joined && cursor.after !== this.#afterAtBeat) {
        this.#afterAtBeat = cursor.after; // still catching up
        return;
      } else {
        this.#gapped(cursor.after);
        return;
      }
    }
    this.#tries = 0; // only a connection that lasts ends the back-off
  }

  #gapped(after: number): void {
    this.#gaps = after === this.#gapAt ? this.#gaps + 1 : 1;
    this.#gapAt = after;
    if (this.#gaps >= GAPS_AT_ONE_PLACE) this.#move(null);
    this.#lost(null);
  }

  #move(cursor: Cursor | null): void {
    this.cursor = cursor;
    this.#options.onCursor(cursor);
  }

  #lost(reason: CloseCode | null): void {
    this.#hangUp();
    if (!mayReturn(reason) && reason) {
      this.#end({ kind: "stopped", code: reason });
      return;
    }
    const now = this.#around.now();
    if (this.state.kind === "live") this.#since = now;
    this.#moving = reason === "moving";
    const wait = delay(reason, this.#tries, this.#around.random());
    if (!this.#moving) this.#tries += 1;
    this.#cancelRetry = this.#around.after(wait, () => this.#open());
    const since = this.#since;
    this.#become(
      wait < NOTICEABLE_MS
        ? { kind: "connecting", since }
        : { kind: "offline", since, retryAt: now + wait },
    );
  }

  #end(state: State): void {
    this.#hangUp();
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#leavePage?.();
    this.#leavePage = null;
    this.#become(state);
  }

  #hangUp(): void {
    this.#cancelSilence?.();
    this.#cancelSilence = null;
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #listenForSilence(): void {
    this.#cancelSilence?.();
    const left = this.#heard + SILENCE_MS - this.#around.now();
    this.#cancelSilence = this.#around.after(Math.max(0, left), () => {
      if (this.#around.now() - this.#heard >= SILENCE_MS) this.#lost(null);
      else this.#listenForSilence();
    });
  }

  #pageChanged(what: "online" | "offline" | "visible"): void {
    if (what === "offline") {
      if (this.#socket) this.#lost(null);
    } else if (this.#cancelRetry) {
      if (what === "online") this.#tries = 0;
      else if (this.#moving) return;
      this.#open();
    } else if (this.#socket) {
      // The network under the connection may be another one by now.
      const latest = this.#around.now() - SILENCE_MS + SUSPICION_MS;
      if (this.#heard > latest) this.#heard = latest;
      this.#listenForSilence();
    }
  }

  #become(state: State): void {
    const was = this.state.kind;
    this.state = state;
    if (state.kind !== was || state.kind === "offline") this.#options.onState(state);
  }
}
