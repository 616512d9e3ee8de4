/**
 * One conversation on the screen: its messages, what is being answered or changed, and how far
 * it has been read. There is one while a conversation is shown.
 */
import {
  type Attachment,
  type Contact,
  type Conversation,
  type ConversationId,
  type DraftOf,
  type Message,
  type MessageId,
  type PostAs,
  type PostKind,
  type Quote,
  Refused,
  type Status,
  type TemplateId,
  type TemplateValues,
  threadView,
} from "@switchboard/wire";
import { getContext, setContext } from "svelte";
import type { Desk } from "./desk.svelte.ts";
import { Pad } from "./pad.svelte.ts";
import { wordsOf } from "./problem.ts";
import type { ThreadStore } from "./thread.svelte.ts";
import { timeline } from "./timeline.ts";
import { toasts } from "./toasts.svelte.ts";

export class Reading {
  readonly desk: Desk;
  readonly id: ConversationId;
  readonly thread: ThreadStore;
  /** What the composer holds, and which side of it is shown. */
  readonly pads: Record<PostKind, Pad>;
  kind = $state<PostKind>("public");
  readonly pad: Pad = $derived.by(() => this.pads[this.kind]);
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
  /** Whether it is known what was unread when the conversation was opened. */
  #noted = false;

  constructor(desk: Desk, id: ConversationId) {
    this.desk = desk;
    this.id = id;
    this.thread = desk.thread(id);
    const pad = (kind: PostKind) => new Pad(desk.rest, desk.drafts.get(id, kind));
    this.pads = { public: pad("public"), note: pad("note") };
    this.kind = desk.drafts.newest(id);
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
  send(form: PostAs | null = null): boolean {
    const { pad } = this;
    const text = pad.text.trim();
    const attachments = pad.uploads.attachments;
    if (pad.uploads.busy || (text === "" && attachments.length === 0)) return false;
    const draft: DraftOf<"agent"> = { conversation: this.id, kind: this.kind, text };
    if (form && this.kind === "public") draft.as = form;
    if (attachments.length > 0) draft.attachments = attachments.map((one) => one.id);
    const target = this.#target(draft.as ?? null);
    if (target) draft.reply_to = target;
    if (!this.#post(draft)) return false;
    pad.clear();
    this.saveDraft();
    this.readUpTo = null;
    this.showEnd();
    return true;
  }

  /** Sends a template; what the composer holds stays. */
  sendTemplate(
    template: TemplateId,
    values: TemplateValues,
    attachments: readonly Attachment[],
  ): boolean {
    const draft: DraftOf<"agent"> = {
      conversation: this.id,
      kind: "public",
      text: "",
      as: { form: "template", template, values },
    };
    if (attachments.length > 0) draft.attachments = attachments.map((one) => one.id);
    if (!this.#post(draft)) return false;
    this.showEnd();
    return true;
  }

  /** What is answered. A private message answers a comment: the newest, where none was chosen. */
  #target(as: PostAs | null): MessageId | null {
    const chosen = this.pad.replyTo;
    if (chosen && this.mayQuote(chosen)) return chosen.id;
    if (as?.form !== "private_reply") return null;
    const { rows } = this.thread.thread;
    return rows.findLast((row) => row.author.kind === "visitor" && !row.deleted_at)?.id ?? null;
  }

  saveDraft(kind: PostKind = this.kind): void {
    this.desk.drafts.set(this.id, kind, this.pads[kind].draft);
  }

  answer(message: Message): void {
    if (message.kind === "note") this.kind = "note";
    this.pad.replyTo = message;
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

  /** Finds the messages the drafts answered, once their page is here. */
  findDraftReply(): void {
    for (const pad of [this.pads.public, this.pads.note]) pad.findReply(this.thread.thread.rows);
  }

  #post(draft: DraftOf<"agent">): boolean {
    try {
      this.desk.client.post(draft);
      return true;
    } catch (error) {
      toasts.show(error instanceof Refused ? wordsOf(error) : String(error), "bad");
      return false;
    }
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
