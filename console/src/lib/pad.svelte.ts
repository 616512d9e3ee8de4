/** What one side of the composer holds: a reply, or a note. */
import type { Message, Rest } from "@switchboard/wire";
import type { Draft } from "./drafts.ts";
import { Uploads } from "./uploads.svelte.ts";

export class Pad {
  text = $state("");
  replyTo = $state.raw<Message | null>(null);
  readonly uploads: Uploads;
  /** What the draft answered, until the message's page is here. */
  #draftReply: string | null = null;

  constructor(rest: Rest, draft: Draft | null) {
    this.uploads = new Uploads(rest);
    if (!draft) return;
    this.text = draft.text;
    this.#draftReply = draft.replyTo;
    this.uploads.restore(draft.attachments);
  }

  get draft(): Omit<Draft, "at"> {
    return {
      text: this.text,
      replyTo: this.replyTo?.id ?? this.#draftReply,
      attachments: [...this.uploads.attachments],
    };
  }

  /** Finds the message the draft answered among those that are here. */
  findReply(rows: readonly Message[]): void {
    if (!this.#draftReply) return;
    const found = rows.find((row) => row.id === this.#draftReply);
    if (!found) return;
    this.replyTo = found;
    this.#draftReply = null;
  }

  clear(): void {
    this.text = "";
    this.replyTo = null;
    this.#draftReply = null;
    this.uploads.clear();
  }
}
