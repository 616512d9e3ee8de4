/** One view of the inbox: its conversations in order, loaded a page at a time, kept true. */
import type { Conversation, MemberId, Paged, Rest } from "@switchboard/wire";
import { append, place } from "./ordered.ts";
import { wordsOf } from "./problem.ts";
import type { ViewKey } from "./routes.ts";
import { belongs, queryOf } from "./views.ts";

const PAGE = 50;

interface Context {
  rest: Rest;
  me: () => MemberId;
  /** Everything fetched goes through the store, which may know a newer copy. */
  known: (row: Conversation) => Conversation;
}

export class ConversationList {
  readonly view: ViewKey;
  rows = $state.raw<readonly Conversation[]>([]);
  phase = $state<"empty" | "loading" | "ready" | "error">("empty");
  problem = $state<string | null>(null);
  more = $state(false);
  #next: string | null = null;
  #run = 0;
  readonly #context: Context;
  readonly complete = $derived(this.phase === "ready" && !this.more);

  constructor(view: ViewKey, context: Context) {
    this.view = view;
    this.#context = context;
  }

  /** Takes a first page that came with the snapshot. */
  begin(rows: readonly Conversation[], next: string | null): void {
    this.#run += 1;
    this.rows = append([], rows);
    this.#next = next;
    this.more = next !== null;
    this.phase = "ready";
    this.problem = null;
  }

  /** Fetches what comes next: the first page, or the one below the last. */
  async load(): Promise<void> {
    if (this.phase === "loading" || this.complete) return;
    this.phase = "loading";
    this.problem = null;
    const run = ++this.#run;
    try {
      const query = { ...queryOf(this.view), cursor: this.#next, limit: PAGE };
      const page = await this.#context.rest.get<Paged<Conversation>>("/conversations", { query });
      if (run !== this.#run) return;
      const rows = page.items.map(this.#context.known).filter((row) => this.#holds(row));
      this.rows = append(this.rows, rows);
      this.#next = page.next ?? null;
      this.more = this.#next !== null;
      this.phase = "ready";
    } catch (error) {
      if (run !== this.#run) return;
      this.phase = "error";
      this.problem = wordsOf(error);
    }
  }

  /** Forgets everything and fetches anew, for example after events were missed. */
  async reload(): Promise<void> {
    this.#run += 1;
    this.rows = [];
    this.#next = null;
    this.more = false;
    this.phase = "empty";
    await this.load();
  }

  /** A conversation changed: put it where it belongs, or take it out. */
  apply(row: Conversation): void {
    const complete = this.complete || (this.phase === "loading" && this.rows.length === 0);
    this.rows = place(this.rows, row, { belongs: this.#holds(row), complete });
  }

  #holds(row: Conversation): boolean {
    return belongs(this.view, row, this.#context.me());
  }
}
