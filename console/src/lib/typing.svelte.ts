/** Who is writing where. A word of it lasts six seconds unless repeated. */
import type { Author, ConversationId, FrameOf } from "@switchboard/wire";
import { SvelteMap } from "svelte/reactivity";

export interface Writer {
  who: Author;
  note: boolean;
}

const LASTS = 6_000;

function keyOf(who: Author): string {
  return "id" in who ? who.id : who.kind;
}

export class Typing {
  readonly #writers = new SvelteMap<ConversationId, readonly Writer[]>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  of(conversation: ConversationId): readonly Writer[] {
    return this.#writers.get(conversation) ?? [];
  }

  apply(frame: FrameOf<"agent", "typing">): void {
    const { conversation, who, on, note } = frame;
    this.stop(conversation, who);
    if (!on) return;
    this.#writers.set(conversation, [...this.of(conversation), { who, note }]);
    const timer = setTimeout(() => this.stop(conversation, who), LASTS);
    this.#timers.set(`${conversation} ${keyOf(who)}`, timer);
  }

  /** Whoever has just written is not writing any more. */
  stop(conversation: ConversationId, who: Author): void {
    const key = `${conversation} ${keyOf(who)}`;
    clearTimeout(this.#timers.get(key));
    if (!this.#timers.delete(key)) return;
    const left = this.of(conversation).filter((writer) => keyOf(writer.who) !== keyOf(who));
    if (left.length > 0) this.#writers.set(conversation, left);
    else this.#writers.delete(conversation);
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#writers.clear();
  }
}
