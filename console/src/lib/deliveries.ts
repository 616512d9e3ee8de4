/**
 * Tells visitors that their messages have arrived at the team. Of many consoles that see the same
 * message, mostly one says so: each waits a random moment and then looks whether it still needs to.
 */
import type { Conversation, ConversationId, RequestOf } from "@switchboard/wire";

const WITHIN = 1_200;

type Send = (mark: RequestOf<"agent"> & { type: "mark" }) => Promise<unknown>;

export class Deliveries {
  readonly #send: Send;
  readonly #due = new Map<ConversationId, Conversation>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(send: Send) {
    this.#send = send;
  }

  consider(row: Conversation): void {
    if (row.team.delivered >= row.last_n) this.#due.delete(row.id);
    else this.#due.set(row.id, row);
    if (this.#due.size > 0) this.#timer ??= setTimeout(() => this.#say(), Math.random() * WITHIN);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#due.clear();
  }

  #say(): void {
    this.#timer = null;
    for (const row of this.#due.values()) {
      const mark = { type: "mark", conversation: row.id, delivered: row.last_n } as const;
      // A mark that is refused or lost does no harm: the next message brings another.
      this.#send(mark).catch(() => {});
    }
    this.#due.clear();
  }
}
