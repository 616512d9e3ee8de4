/**
 * What was typed and not sent: for each conversation one reply and one note, which never become
 * one another. They survive a reload, and end after a month.
 */
import type { Attachment, PostKind } from "@switchboard/wire";
import { drop, keys, load, save } from "./storage.ts";

export interface Draft {
  text: string;
  replyTo: string | null;
  attachments: Attachment[];
  at: number;
}

export const EMPTY: Omit<Draft, "at"> = { text: "", replyTo: null, attachments: [] };

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

  get(conversation: string, kind: PostKind): Draft | null {
    const draft = load<Draft>(this.#key(conversation, kind));
    if (!draft || typeof draft.text !== "string") return null;
    const stale = this.#now() - draft.at > UPLOADS_LAST;
    return { ...draft, attachments: stale ? [] : (draft.attachments ?? []) };
  }

  set(conversation: string, kind: PostKind, draft: Omit<Draft, "at">): void {
    const empty = draft.text.trim() === "" && draft.attachments.length === 0 && !draft.replyTo;
    if (empty) drop(this.#key(conversation, kind));
    else save(this.#key(conversation, kind), { ...draft, at: this.#now() });
  }

  /** Which of the two was written at last. */
  newest(conversation: string): PostKind {
    const at = (kind: PostKind) => this.get(conversation, kind)?.at ?? 0;
    return at("note") > at("public") ? "note" : "public";
  }

  sweep(): void {
    for (const key of keys(this.#prefix)) {
      const draft = load<Draft>(key);
      if (!draft || this.#now() - draft.at > MONTH) drop(key);
    }
  }

  #key(conversation: string, kind: PostKind): string {
    return `${this.#prefix}${conversation}:${kind}`;
  }
}
