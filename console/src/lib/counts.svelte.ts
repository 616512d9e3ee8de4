/**
 * The numbers beside the folders. An event of a known conversation moves them at once; one of an
 * unknown conversation makes them uncertain, and they are fetched a moment later. What happens
 * during that fetch makes them uncertain again.
 */
import type { Conversation, Counts, MemberId, Rest } from "@switchboard/wire";
import { NO_COUNTS, recount } from "./views.ts";

const SETTLE = 400;
const RETRY = 5_000;

export class CountsStore {
  now = $state.raw<Counts>(NO_COUNTS);
  readonly #rest: Rest;
  readonly #me: () => MemberId;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #fetching = false;
  #movedMeanwhile = false;
  #closed = false;

  constructor(rest: Rest, me: () => MemberId) {
    this.#rest = rest;
    this.#me = me;
  }

  begin(counts: Counts): void {
    this.now = counts;
  }

  changed(before: Conversation | undefined, after: Conversation): void {
    if (this.#fetching) this.#movedMeanwhile = true;
    if (before) this.now = recount(this.now, before, after, this.#me());
    else this.uncertain();
  }

  uncertain(wait = SETTLE): void {
    if (this.#closed || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#fetch();
    }, wait);
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #fetch(): Promise<void> {
    this.#fetching = true;
    this.#movedMeanwhile = false;
    try {
      this.now = await this.#rest.get<Counts>("/conversations/counts");
      if (this.#movedMeanwhile) this.uncertain();
    } catch {
      this.uncertain(RETRY);
    } finally {
      this.#fetching = false;
    }
  }
}
