/** The messages of one conversation: a contiguous part of its history that grows both ways. */
import {
  applyMessage,
  type ConversationId,
  emptyThread,
  type FrameOf,
  type Message,
  mergePage,
  messageOf,
  type Paged,
  type Rest,
  type Thread,
} from "@switchboard/wire";
import { wordsOf } from "./problem.ts";

const PAGE = 50;

type Loading = "first" | "older" | "newer" | null;

export class ThreadStore {
  readonly conversation: ConversationId;
  thread = $state.raw<Thread<Message>>(emptyThread<Message>());
  loading = $state<Loading>(null);
  problem = $state<string | null>(null);
  /** False until the first page is here. */
  ready = $state(false);
  readonly #rest: Rest;
  #run = 0;

  constructor(conversation: ConversationId, rest: Rest) {
    this.conversation = conversation;
    this.#rest = rest;
  }

  /** Loads the newest page, or the surroundings of the message at `at`. */
  async open(at: number | null = null): Promise<void> {
    if (at !== null && this.ready && this.thread.rows.some((row) => row.seq === at)) return;
    await this.#first(at !== null, () => (at === null ? this.#newest() : this.#around(at)));
  }

  /** Leaves the past for the newest messages. */
  async toNewest(): Promise<void> {
    if (this.thread.newer) await this.#first(false, () => this.#newest());
  }

  async older(): Promise<void> {
    const first = this.thread.rows[0];
    if (!this.ready || this.loading || !this.thread.older || !first) return;
    await this.#extend("older", async () => {
      const page = await this.#page({ before: first.seq });
      return mergePage(this.thread, page.items, { older: page.next !== null });
    });
  }

  async newer(): Promise<void> {
    const last = this.thread.rows.at(-1);
    if (!this.ready || this.loading || !this.thread.newer || !last) return;
    await this.#extend("newer", async () => {
      const page = await this.#page({ after: last.seq });
      return mergePage(this.thread, page.items, { newer: page.items.length >= PAGE });
    });
  }

  apply(frame: FrameOf<"agent", "event">): void {
    const message = messageOf(frame);
    if (message?.conversation !== this.conversation) return;
    this.thread = applyMessage(this.thread, frame.seq, message);
  }

  /** Takes the answer of a REST call about one message, which may precede its event. */
  put(message: Message): void {
    if (this.thread.rows.some((row) => row.id === message.id)) {
      this.thread = applyMessage(this.thread, message.rev, message);
    }
  }

  async #newest(): Promise<Thread<Message>> {
    const page = await this.#page({});
    return mergePage(this.thread, page.items, { older: page.next !== null, newer: false });
  }

  async #around(at: number): Promise<Thread<Message>> {
    const [before, after] = await Promise.all([
      this.#page({ before: at }),
      this.#page({ after: at - 1 }),
    ]);
    return mergePage(this.thread, [...before.items, ...after.items], {
      older: before.next !== null,
      newer: after.items.length >= PAGE,
    });
  }

  async #first(past: boolean, load: () => Promise<Thread<Message>>): Promise<void> {
    const run = ++this.#run;
    this.thread = emptyThread<Message>(past);
    this.ready = false;
    this.loading = "first";
    this.problem = null;
    await this.#settle(run, load);
  }

  async #extend(which: "older" | "newer", load: () => Promise<Thread<Message>>): Promise<void> {
    const run = ++this.#run;
    this.loading = which;
    this.problem = null;
    await this.#settle(run, load);
  }

  async #settle(run: number, load: () => Promise<Thread<Message>>): Promise<void> {
    try {
      const thread = await load();
      if (run !== this.#run) return;
      this.thread = thread;
      this.ready = true;
    } catch (error) {
      if (run === this.#run) this.problem = wordsOf(error);
    } finally {
      if (run === this.#run) this.loading = null;
    }
  }

  #page(range: { before?: number; after?: number }): Promise<Paged<Message>> {
    const path = `/conversations/${this.conversation}/messages`;
    return this.#rest
      .get<Paged<Message>>(path, { query: { ...range, limit: PAGE } })
      .then((page) => ({ items: page.items, next: page.next ?? null }));
  }
}
