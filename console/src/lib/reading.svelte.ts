/**
 * One conversation on the screen: its messages, what is being answered or changed, and how far
 * it has been read. There is one while a conversation is shown.
 */
import {
  type Contact,
  type Conversation,
  type ConversationId,
  type DraftOf,
  type Message,
  type PostKind,
  type Quote,
  Refused,
  type Status,
  threadView,
} from "@switchboard/wire";
import { getContext, setContext } from "svelte";
import type { Desk } from "./desk.svelte.ts";
import { EMPTY } from "./drafts.ts";
import { wordsOf } from "./problem.ts";
import type { ThreadStore } from "./thread.svelte.ts";
import { timeline } from "./timeline.ts";
import { toasts } from "./toasts.svelte.ts";
import { Uploads } from "./uploads.svelte.ts";

export class Reading {
  readonly desk: Desk;
  readonly id: ConversationId;
  readonly thread: ThreadStore;
  readonly uploads: Uploads;
  /** What the composer holds. */
  text = $state("");
  kind = $state<PostKind>("public");
  replyTo = $state.raw<Message | null>(null);
  /** The message that is being changed. */
  editing = $state<string | null>(null);
  problem = $state<string | null>(null);
  /** The message that was jumped to, for a moment. */
  flashed = $state<string | null>(null);
  readonly row: Conversation | undefined = $derived.by(() =>
    this.desk.rows.conversations.get(this.id),
  );
  readonly contact: Contact | undefined = $derived.by(() =>
    this.row ? this.desk.rows.contacts.get(this.row.contact) : undefined,
  );
  readonly entries = $derived.by(() =>
    this.desk.outbox.filter((entry) => entry.post.conversation === this.id),
  );
  readonly lines = $derived.by(() =>
    threadView(this.thread.thread.rows, this.thread.thread.newer ? [] : this.entries),
  );
  /** Where reading had stopped when the conversation was opened. */
  readUpTo = $state<number | null>(null);
  readonly items = $derived.by(() =>
    timeline(this.lines, { me: this.desk.rows.me.id, readUpTo: this.readUpTo }),
  );
  /** Set by the composer and by the list of messages while they are shown. */
  focusComposer: () => void = () => {};
  show: (seq: number) => void = () => {};
  showEnd: () => void = () => {};
  #draftReply: string | null = null;
  /** Whether it is known what was unread when the conversation was opened. */
  #noted = false;

  constructor(desk: Desk, id: ConversationId) {
    this.desk = desk;
    this.id = id;
    this.thread = desk.thread(id);
    this.uploads = new Uploads(desk.rest);
    this.#restoreDraft();
    this.#noteUnread();
  }

  /** Loads what is not here yet: the row and its contact, and messages. */
  async load(at: number | null): Promise<void> {
    this.problem = null;
    if (!this.thread.ready || at !== null) void this.thread.open(at);
    try {
      await this.desk.detail(this.id);
      this.#noteUnread();
    } catch (error) {
      this.problem = wordsOf(error);
    }
  }

  /** Someone looks elsewhere: what comes now is new when they are back. */
  looksAway(): void {
    if (this.row?.unread === 0) this.readUpTo = null;
  }

  /** Something came while nobody looked. */
  missed(): void {
    const row = this.row;
    if (this.readUpTo === null && row && row.unread > 0) this.readUpTo = row.team.read;
  }

  /** Says that everything up to the newest message was seen. */
  markRead(): void {
    const row = this.row;
    if (!row || row.team.read >= row.last_n || this.thread.thread.newer) return;
    const mark = { type: "mark", conversation: this.id, read: row.last_n } as const;
    this.desk.client.request({ ...mark, delivered: row.last_n }).catch(() => {});
  }

  /** Sends what the composer holds. Answers whether it was taken. */
  send(): boolean {
    const text = this.text.trim();
    const attachments = this.uploads.attachments;
    if (this.uploads.busy || (text === "" && attachments.length === 0)) return false;
    const draft: DraftOf<"agent"> = { conversation: this.id, kind: this.kind, text };
    if (attachments.length > 0) draft.attachments = attachments.map((one) => one.id);
    if (this.replyTo && this.mayQuote(this.replyTo)) draft.reply_to = this.replyTo.id;
    try {
      this.desk.client.post(draft);
    } catch (error) {
      toasts.show(error instanceof Refused ? wordsOf(error) : String(error), "bad");
      return false;
    }
    this.text = "";
    this.replyTo = null;
    this.uploads.clear();
    this.desk.drafts.set(this.id, { ...EMPTY, kind: this.kind });
    this.readUpTo = null;
    this.showEnd();
    return true;
  }

  saveDraft(): void {
    this.desk.drafts.set(this.id, {
      text: this.text,
      kind: this.kind,
      replyTo: this.replyTo?.id ?? this.#draftReply,
      attachments: [...this.uploads.attachments],
    });
  }

  answer(message: Message): void {
    this.replyTo = message;
    if (message.kind === "note") this.kind = "note";
    this.focusComposer();
  }

  /** A public message never quotes a note: the visitor would see it. */
  mayQuote(message: Message): boolean {
    return this.kind === "note" || message.kind === "public";
  }

  quoted(quote: Quote): Message | undefined {
    return this.thread.thread.rows.find((row) => row.id === quote.id);
  }

  setStatus(status: Status): Promise<boolean> {
    return this.desk.do({ type: "set_status", conversation: this.id, status });
  }

  /** Finds the message the draft answered, once its page is here. */
  findDraftReply(): void {
    if (!this.#draftReply) return;
    const found = this.thread.thread.rows.find((row) => row.id === this.#draftReply);
    if (!found) return;
    this.replyTo = found;
    this.#draftReply = null;
  }

  #restoreDraft(): void {
    const draft = this.desk.drafts.get(this.id);
    if (!draft) return;
    this.text = draft.text;
    this.kind = draft.kind;
    this.#draftReply = draft.replyTo;
    this.uploads.restore(draft.attachments);
  }

  #noteUnread(): void {
    if (this.#noted || !this.row) return;
    this.#noted = true;
    this.missed();
  }
}

const KEY = Symbol("reading");

export function provideReading(reading: Reading): void {
  setContext(KEY, reading);
}

export function useReading(): Reading {
  return getContext<Reading>(KEY);
}
