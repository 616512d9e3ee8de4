// Messages that were written and not yet acknowledged. They survive a reload, leave in order
// within a conversation, and each has its own key in the store, so that what one tab removed no
// other tab writes back. It does not send; the client takes what is due and says what became of it.

import type { Code, Seq } from "./generated.ts";
import type { Store } from "./store.ts";
import { Refused } from "./types.ts";

/** So many messages may wait, and together so many characters as stored. */
export const OUTBOX_MAX_ENTRIES = 200;
export const OUTBOX_MAX_CHARS = 512 * 1024;
/** What another tab wrote is that tab's to send; after so long it is assumed closed. */
const OTHER_TAB_MS = 10_000;

export interface Entry<P> {
  readonly ref: string;
  /** When it was written, in milliseconds. Entries are ordered by it; no two have the same. */
  readonly at: number;
  readonly post: P;
  /** `sent`: acknowledged as durable; the entry goes when its row has arrived. */
  readonly state: "queued" | "sending" | "sent" | "failed";
  /** Why it failed. */
  readonly problem: { code: Code; message: string } | null;
  /** False where the store refused it: it would not survive a reload. */
  readonly saved: boolean;
}

/** What pages see of the outbox. */
export interface Outbox<P> {
  readonly entries: readonly Entry<P>[];
  retry(ref: string): void;
  discard(ref: string): void;
}

export interface OutboxOptions<P> {
  store: Store;
  key: string;
  /** Messages of one lane leave one after the other. */
  lane(post: P): string;
  now(): number;
  onChange(entries: readonly Entry<P>[]): void;
  /** Something may be due now. */
  onDue(): void;
}

export class DurableOutbox<P> implements Outbox<P> {
  entries: readonly Entry<P>[] = [];

  readonly #options: OutboxOptions<P>;
  readonly #store: Store;
  readonly #prefix: string;
  /** Entries that may not go before this time. */
  readonly #holds = new Map<string, number>();
  /** The position of the row of a sent entry. */
  readonly #rows = new Map<string, Seq>();

  constructor(options: OutboxOptions<P>) {
    this.#options = options;
    this.#store = options.store;
    this.#prefix = `${options.key}:`;
    this.entries = this.#stored();
  }

  /** Hears the other tabs until the answer is called. */
  watch(): () => void {
    return this.#store.watch?.((key, text) => this.#changedElsewhere(key, text)) ?? (() => {});
  }

  /** Takes up what other tabs left behind. */
  refresh(): void {
    const more = this.#stored().filter((entry) => !this.find(entry.ref));
    if (more.length) this.#become([...this.entries, ...more]);
  }

  find(ref: string): Entry<P> | undefined {
    return this.entries.find((entry) => entry.ref === ref);
  }

  add(ref: string, post: P): Entry<P> {
    const have = this.find(ref);
    if (have) return have;
    const newest = this.entries[this.entries.length - 1]?.at ?? 0;
    const at = Math.max(this.#options.now(), newest + 1);
    const entry: Entry<P> = { ref, at, post, state: "queued", problem: null, saved: false };
    this.#refuseOverflow(entry);
    const added = this.#saved(entry);
    this.#become([...this.entries, added]);
    return added;
  }

  /** The oldest of each lane that waits for nothing, and when to look again. */
  due(now: number): { due: Entry<P>[]; next: number } {
    this.#forgetRemoved();
    const lanes = new Set<string>();
    const due: Entry<P>[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const entry of this.entries) {
      const lane = this.#options.lane(entry.post);
      if (entry.state === "failed" || entry.state === "sent" || lanes.has(lane)) continue;
      lanes.add(lane);
      if (entry.state === "sending") continue;
      const hold = this.#holds.get(entry.ref) ?? 0;
      if (hold <= now) due.push(entry);
      else next = Math.min(next, hold);
    }
    return { due, next };
  }

  sending(ref: string): void {
    this.#change(ref, { state: "sending" });
  }

  /** The connection went; what was under way may or may not have arrived. */
  lost(): void {
    for (const { ref, state } of this.entries) {
      if (state === "sending") this.#change(ref, { state: "queued" });
    }
  }

  hold(ref: string, until: number): void {
    this.#holds.set(ref, until);
    this.#change(ref, { state: "queued" });
  }

  /** It is durable. Its bubble stays until `seen` has passed its row. */
  acknowledged(ref: string, row: Seq): void {
    this.#store.remove(this.#prefix + ref);
    this.#rows.set(ref, row);
    this.#change(ref, { state: "sent" });
  }

  /** Rows up to this position have been delivered. */
  seen(after: Seq): void {
    for (const [ref, row] of this.#rows) if (row <= after) this.#drop(ref);
  }

  failed(ref: string, code: Code, message: string): void {
    this.#change(ref, { state: "failed", problem: { code, message } }, true);
  }

  retry(ref: string): void {
    if (this.find(ref)?.state !== "failed") return;
    this.#holds.delete(ref);
    this.#change(ref, { state: "queued", problem: null }, true);
    this.#options.onDue();
  }

  discard(ref: string): void {
    this.#store.remove(this.#prefix + ref);
    this.#drop(ref);
    this.#options.onDue(); // the next of its lane
  }

  #changedElsewhere(key: string, text: string | null): void {
    if (!key.startsWith(this.#prefix)) return;
    const ref = key.slice(this.#prefix.length);
    const have = this.find(ref);
    if (text === null) {
      if (have && have.state !== "sent") this.#drop(ref);
      return;
    }
    const entry = this.#read(key, text);
    if (!entry || have?.state === "sending" || have?.state === "sent") return;
    if (have) this.#change(ref, { state: entry.state, problem: entry.problem });
    else if (this.entries.length < OUTBOX_MAX_ENTRIES) {
      this.#holds.set(ref, this.#options.now() + OTHER_TAB_MS);
      this.#become([...this.entries, entry]);
    }
    this.#options.onDue();
  }

  #stored(): Entry<P>[] {
    const found: Entry<P>[] = [];
    for (const key of this.#store.keys(this.#prefix)) {
      const text = this.#store.get(key);
      const entry = text === null ? null : this.#read(key, text);
      if (entry) found.push(entry);
    }
    return found.sort((a, b) => a.at - b.at).slice(0, OUTBOX_MAX_ENTRIES);
  }

  /** What cannot be read is removed, unless its key may be somebody else's. */
  #read(key: string, text: string): Entry<P> | null {
    const ref = key.slice(this.#prefix.length);
    try {
      const { ref: named, at, post, problem: said } = JSON.parse(text);
      const problem = typeof said?.message === "string" ? said : null;
      if (named === ref && Number.isFinite(at) && typeof post.text === "string") {
        return { ref, at, post, state: problem ? "failed" : "queued", problem, saved: true };
      }
    } catch {
      // Below.
    }
    if (!ref.includes(":")) this.#store.remove(key);
    return null;
  }

  #saved(entry: Entry<P>): Entry<P> {
    const saved = this.#store.set(this.#prefix + entry.ref, written(entry));
    return { ...entry, saved };
  }

  #refuseOverflow(entry: Entry<P>): void {
    let chars = written(entry).length;
    for (const other of this.entries) chars += written(other).length;
    if (this.entries.length >= OUTBOX_MAX_ENTRIES || chars > OUTBOX_MAX_CHARS) {
      throw new Refused("refused", "Too many messages are waiting to be sent.");
    }
  }

  /** Another tab may have had them acknowledged or discarded while this one slept. */
  #forgetRemoved(): void {
    for (const { ref, saved, state } of this.entries) {
      const waits = state === "queued" || state === "failed";
      if (waits && saved && this.#store.get(this.#prefix + ref) === null) this.#drop(ref);
    }
  }

  #change(ref: string, change: Partial<Entry<P>>, save = false): void {
    const entry = this.find(ref);
    if (!entry) return;
    let changed = { ...entry, ...change };
    const removed = entry.saved && this.#store.get(this.#prefix + ref) === null;
    if (save && !removed) changed = this.#saved(changed);
    this.#become(this.entries.map((other) => (other === entry ? changed : other)));
  }

  #drop(ref: string): void {
    this.#holds.delete(ref);
    this.#rows.delete(ref);
    if (this.find(ref)) this.#become(this.entries.filter((entry) => entry.ref !== ref));
  }

  #become(entries: readonly Entry<P>[]): void {
    this.entries = [...entries].sort((a, b) => a.at - b.at);
    this.#options.onChange(this.entries);
  }
}

function written<P>({ ref, at, post, problem }: Entry<P>): string {
  return JSON.stringify({ ref, at, post, problem });
}
