/** Says "is writing" every few seconds while someone writes, and "stopped" once. */

const REPEAT = 3_000;
const IDLE = 5_000;

export class TypingSignal {
  readonly #say: (on: boolean) => void;
  readonly #now: () => number;
  #saidAt: number | null = null;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(say: (on: boolean) => void, now: () => number = Date.now) {
    this.#say = say;
    this.#now = now;
  }

  /** Something was typed; `something` says whether anything is left. */
  typed(something: boolean): void {
    if (!something) {
      this.stop();
      return;
    }
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.stop(), IDLE);
    const now = this.#now();
    if (this.#saidAt !== null && now - this.#saidAt < REPEAT) return;
    this.#saidAt = now;
    this.#say(true);
  }

  stop(): void {
    clearTimeout(this.#idle);
    if (this.#saidAt === null) return;
    this.#saidAt = null;
    this.#say(false);
  }
}
