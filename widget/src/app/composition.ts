/** What the visitor is writing: text, files on their way up, the message it answers or changes. */

import { type Attachment, MESSAGE_MAX_CHARS, type VisitorMessage } from "@switchboard/wire";
import { type Draft, noDraft } from "./draft.ts";
import type { Model } from "./model.ts";

export interface Upload {
  readonly id: number;
  readonly name: string;
  readonly size: number;
  /** 0 to 1. */
  part: number;
  /** Why it failed, in words. */
  problem: string | null;
  /** There when it has arrived. */
  row: Attachment | null;
  /** Absent for a file from before the reload. */
  file: File | null;
  readonly cancel: AbortController;
}

/** As the server counts them. */
const chars = (text: string) => [...text].length;

export class Composition {
  text = "";
  replyTo: string | null = null;
  editing: string | null = null;
  uploads: Upload[] = [];
  /** Something to tell the visitor, in words. */
  notice: string | null = null;

  readonly #model: Model;
  #visitor: string | null = null;
  #lastId = 0;
  /** Whether it was to be sent before there was a conversation. */
  #eager = false;
  /** The draft that waits while a message is changed. */
  #aside = "";

  constructor(model: Model) {
    this.#model = model;
  }

  /** Puts one visitor's draft away and takes up another's. What was written before the visitor
      had a name is theirs. */
  swap(visitor: string | null): void {
    if (visitor === this.#visitor) return;
    for (const upload of this.uploads) upload.cancel.abort();
    const nameless = this.#visitor === null ? this.text : "";
    this.#visitor = visitor;
    const draft: Draft = visitor ? this.#model.drafts.load(visitor) : noDraft();
    this.text = nameless || draft.text;
    this.replyTo = draft.replyTo;
    this.editing = null;
    this.notice = null;
    this.uploads = draft.files.map((row) => this.#upload(row.name, row.size, row, null));
    if (this.#eager && nameless) this.send();
  }

  /** How many characters are too many. */
  get excess(): number {
    return Math.max(0, chars(this.text) - MESSAGE_MAX_CHARS);
  }

  get ready(): boolean {
    if (this.excess || !this.#model.chat) return false;
    if (this.editing) return this.text.trim() !== "";
    const arrived = this.uploads.every((upload) => upload.row);
    return arrived && (this.text.trim() !== "" || this.uploads.length > 0);
  }

  input(text: string): void {
    this.text = text;
    this.notice = null;
    this.#eager = false;
    if (!this.editing) this.#model.chat?.type(text.trim() !== "");
    this.changed();
  }

  attach(files: readonly File[]): void {
    const { say } = this.#model;
    this.#model.more().then(
      (extras) => extras.attach(this.#model, files),
      () => this.tell(say("unreachable")),
    );
  }

  /** A file that is to be carried to the server. */
  add(file: File): Upload {
    const upload = this.#upload(file.name, file.size, null, file);
    this.uploads = [...this.uploads, upload];
    return upload;
  }

  drop(upload: Upload): void {
    upload.cancel.abort();
    this.uploads = this.uploads.filter((other) => other !== upload);
    this.changed();
  }

  tell(notice: string | null): void {
    this.notice = notice;
    this.changed();
  }

  reply(message: string): void {
    this.cancel();
    this.replyTo = message;
    this.changed();
  }

  edit(message: VisitorMessage): void {
    if (!this.editing) this.#aside = this.text;
    this.editing = message.id;
    this.replyTo = null;
    this.text = this.#model.chat?.edits.get(message.id) ?? message.text;
    this.changed();
  }

  /** No longer answers or changes a message. */
  cancel(): void {
    if (this.editing) this.text = this.#aside;
    this.editing = null;
    this.replyTo = null;
    this.changed();
  }

  send(): void {
    const { chat } = this.#model;
    // Whoever is faster than the server is not asked to press twice.
    this.#eager = !chat;
    if (!chat || !this.ready) return;
    this.notice = null;
    const text = this.text.trim();
    if (this.editing) {
      this.#save(this.editing, text);
      this.cancel();
      return;
    }
    try {
      chat.send(text, this.#files(), this.replyTo);
      this.text = "";
      this.replyTo = null;
      this.uploads = [];
    } catch (error) {
      this.notice = (error as Error).message;
    }
    this.changed();
  }

  /** Keeps the draft and draws it. */
  changed(): void {
    if (this.#visitor) {
      this.#model.drafts.save(this.#visitor, {
        text: this.editing ? this.#aside : this.text,
        replyTo: this.replyTo,
        files: this.#files(),
      });
    }
    this.#model.changed();
  }

  /** Changes a message; a refusal gives the words back. */
  async #save(message: string, text: string): Promise<void> {
    const { chat } = this.#model;
    const row = chat?.state.thread.rows.find(({ id }) => id === message);
    if (!chat || !row || row.text === text) return;
    try {
      await chat.edit(message, text);
    } catch (error) {
      if (chat !== this.#model.chat) return;
      if (!this.editing) {
        this.edit(row);
        this.text = text;
      }
      this.tell((error as Error).message);
    }
  }

  #files(): Attachment[] {
    return this.uploads.flatMap((upload) => upload.row ?? []);
  }

  #upload(name: string, size: number, row: Attachment | null, file: File | null): Upload {
    const cancel = new AbortController();
    return { id: ++this.#lastId, name, size, part: row ? 1 : 0, problem: null, row, file, cancel };
  }
}
