/** One form on its way to the server: busy, what went wrong, and at which field. */
import { t } from "./messages.ts";
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

  /** Blames every field that was left empty. Answers whether there is one. */
  lacks(values: Partial<Record<F, string>>): boolean {
    const empty = this.#fields.filter((field) => values[field]?.trim() === "");
    this.clear();
    const blamed = empty.map((field) => [field, t("field-required")]);
    this.errors = Object.fromEntries(blamed) as Partial<Record<F, string>>;
    return empty.length > 0;
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
