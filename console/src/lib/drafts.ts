/** What was typed and not sent, per conversation. It survives a reload, and ends after a month. */
import type { Attachment, PostKind } from "@switchboard/wire";
import { drop, keys, load, save } from "./storage.ts";

export interface Draft {
  text: string;
  kind: PostKind;
  replyTo: string | null;
  attachments: Attachment[];
  at: number;
}

export const EMPTY: Omit<Draft, "at"> = {
  text: "",
  kind: "public",
  replyTo: null,
  attachments: [],
};

const MONTH = 30 * 86_400_000;
/** Uploads that no message carries are deleted after a day; a draft then must not name them. */
const UPLOADS_LAST = 22 * 3_600_000;

export class Drafts {
  readonly #prefix: string;
  readonly #now: () => number;

  constructor(owner: string, now: () => number) {
    this.#prefix = `sb:draft:${owner}:`;
    this.#now = now;
  }

  get(conversation: string): Draft | null {
    const draft = load<Draft>(this.#prefix + conversation);
    if (!draft || typeof draft.text !== "string") return null;
    const stale = this.#now() - draft.at > UPLOADS_LAST;
    return { ...draft, attachments: stale ? [] : (draft.attachments ?? []) };
  }

  set(conversation: string, draft: Omit<Draft, "at">): void {
    const empty = draft.text.trim() === "" && draft.attachments.length === 0 && !draft.replyTo;
    if (empty) drop(this.#prefix + conversation);
    else save(this.#prefix + conversation, { ...draft, at: this.#now() });
  }

  /** Ids of the conversations that have one. */
  all(): string[] {
    return keys(this.#prefix).map((key) => key.slice(this.#prefix.length));
  }

  sweep(): void {
    for (const key of keys(this.#prefix)) {
      const draft = load<Draft>(key);
      if (!draft || this.#now() - draft.at > MONTH) drop(key);
    }
  }
}
