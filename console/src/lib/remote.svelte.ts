/** Something of the server that is fetched when it is shown: there, on its way, or why not. */
import { wordsOf } from "./problem.ts";

export class Remote<T> {
  value = $state.raw<T | null>(null);
  problem = $state<string | null>(null);
  loading = $state(false);
  readonly #fetch: () => Promise<T>;

  constructor(fetch: () => Promise<T>) {
    this.#fetch = fetch;
    void this.load();
  }

  async load(): Promise<void> {
    this.loading = true;
    this.problem = null;
    try {
      this.value = await this.#fetch();
    } catch (error) {
      this.problem = wordsOf(error);
    } finally {
      this.loading = false;
    }
  }
}
