/** One form on its way to the server: busy, what went wrong, and at which field. */
import { fieldOf, wordsOf } from "./problem.ts";

export class Form<F extends string> {
  busy = $state(false);
  /** Wrong as a whole. */
  error = $state<string | null>(null);
  errors = $state<Partial<Record<F, string>>>({});
  readonly #fields: readonly F[];

  constructor(fields: readonly F[]) {
    this.#fields = fields;
  }

  /** Runs `send` once at a time. Answers whether it went well. */
  async submit(send: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.clear();
    try {
      await send();
      return true;
    } catch (error) {
      this.#blame(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  clear(): void {
    this.error = null;
    this.errors = {};
  }

  #blame(error: unknown): void {
    const words = wordsOf(error);
    const field = fieldOf(error, this.#fields) as F | null;
    if (field) this.errors = { [field]: words } as Partial<Record<F, string>>;
    else this.error = words;
  }
}
