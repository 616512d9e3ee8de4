/** One visitor's conversation: rows, what is on its way, who types, what was read. */

import {
  type Attachment,
  applyVisitor,
  type Calls,
  type Client,
  createCalls,
  createClient,
  type DraftOf,
  emptyThread,
  type FrameOf,
  type Line,
  mergePage,
  type Paged,
  type Store,
  socketUrl,
  threadView,
  type VisitorMessage,
  type VisitorState,
  visitorState,
} from "@switchboard/wire";

export type ChatLine = Line<VisitorMessage, DraftOf<"visitor">>;

/** How long "is typing" holds without being said again. */
const TYPING_MS = 6000;
const PAGE = 40;

export interface ChatOptions {
  base: string;
  store: Store;
  prefix: string;
  visitor: string;
  token: string;
  online: boolean;
  onChange(): void;
  onIncoming(message: VisitorMessage): void;
  onSent(ref: string, id: string | null): void;
  /** The connection ended for good. */
  onStopped(code: string): void;
}

export const pageNow = () => ({
  url: location.href.slice(0, 2000),
  title: document.title.slice(0, 300),
});

export class Chat {
  readonly visitor: string;
  readonly client: Client<"visitor">;
  readonly rest: Calls;
  token: string;
  state: VisitorState;
  /** Whether the server has said what there is. */
  known = false;
  lines: ChatLine[] = [];
  typing: string | null = null;
  history: "idle" | "loading" | "failed" = "idle";
  /** Edits that the server has not confirmed, by message. */
  readonly edits = new Map<string, string>();
  /** Files whose rows have been seen, by id: for bubbles that are on their way. */
  readonly files = new Map<string, Attachment>();

  readonly #options: ChatOptions;
  #typingTimer = 0;
  #typedAt = 0;
  #asked = { delivered: 0, read: 0 };
  #watching = false;
  #page = "";

  constructor(options: ChatOptions) {
    this.#options = options;
    this.visitor = options.visitor;
    this.token = options.token;
    this.state = { conversation: null, thread: emptyThread(), online: options.online };
    this.rest = createCalls({ base: options.base, token: () => this.token });
    this.client = createClient({
      mode: "visitor",
      url: socketUrl(options.base, "/ws/visitor"),
      hello: (resume) => {
        const page = pageNow();
        this.#page = page.url;
        return { type: "hello", token: this.token, ...resume, page };
      },
      store: options.store,
      outboxKey: `${options.prefix}outbox:${options.visitor}`,
    });
    this.#listen();
    this.#view();
  }

  get unread(): number {
    return this.state.conversation?.unread ?? 0;
  }

  stop(): void {
    clearTimeout(this.#typingTimer);
    this.client.stop();
  }

  send(text: string, files: readonly Attachment[], replyTo: string | null): void {
    for (const file of files) this.files.set(file.id, file);
    this.visited();
    this.client.post({
      text,
      ...(files.length > 0 && { attachments: files.map((file) => file.id) }),
      ...(replyTo && { reply_to: replyTo }),
    });
    this.#typedAt = 0;
  }

  async edit(message: string, text: string): Promise<void> {
    this.edits.set(message, text);
    this.#options.onChange();
    try {
      await this.client.request({ type: "edit", message, text });
    } finally {
      if (this.edits.get(message) === text) this.edits.delete(message);
      this.#options.onChange();
    }
  }

  /** Tells the team now and then that the visitor is typing, and once that they stopped. */
  type(on: boolean): void {
    const now = Date.now();
    if (on ? now - this.#typedAt < TYPING_MS / 2 : !this.#typedAt) return;
    this.#typedAt = on ? now : 0;
    if (this.state.conversation) this.client.send({ type: "typing", on });
  }

  /** Tells the team where the visitor is, if that is another page than before. */
  visited(): void {
    const page = pageNow();
    if (page.url === this.#page || this.client.state.kind !== "live") return;
    this.#page = page.url;
    this.client.send({ type: "visit", page });
  }

  /** Whether the newest message is before the visitor's eyes. */
  watch(watching: boolean): void {
    this.#watching = watching;
    this.#mark();
  }

  async older(): Promise<void> {
    const first = this.state.thread.rows[0];
    if (!first || !this.state.thread.older || this.history === "loading") return;
    this.history = "loading";
    this.#options.onChange();
    try {
      const query = { before: first.seq, limit: PAGE };
      const page = await this.rest.get<Paged<VisitorMessage>>("/visitor/messages", { query });
      const thread = mergePage(this.state.thread, page.items, { older: page.next !== null });
      this.state = { ...this.state, thread };
      this.history = "idle";
    } catch {
      this.history = "failed";
    }
    this.#changed();
  }

  /** A file with links that work. */
  async file(id: string, fresh = false): Promise<Attachment> {
    const have = this.files.get(id);
    if (have && !fresh) return have;
    const file = await this.rest.get<Attachment>(`/attachments/${id}`);
    this.files.set(id, file);
    return file;
  }

  #listen(): void {
    const { client } = this;
    client.on("snapshot", (frame) => {
      this.state = visitorState(frame.snapshot);
      this.known = true;
      this.history = "idle";
      this.#changed();
    });
    client.on("event", (frame) => this.#happened(frame));
    client.on("presence", (frame) => {
      this.state = applyVisitor(this.state, frame);
      this.#changed();
    });
    client.on("typing", (frame) => this.#types(frame.on ? frame.name : null));
    client.on("outbox", () => this.#changed());
    client.on("sent", ({ ref, done }) => this.#options.onSent(ref, done.message ?? null));
    client.on("state", (state) => {
      if (state.kind !== "live") this.#types(null);
      if (state.kind === "stopped") this.#options.onStopped(state.code);
      this.#options.onChange();
    });
    client.on("refused", ({ code, message }) => console.error("switchboard:", code, message));
  }

  #happened(frame: FrameOf<"visitor", "event">): void {
    this.state = applyVisitor(this.state, frame);
    this.#changed();
    if (frame.event !== "message" || frame.change !== "posted") return;
    if (frame.message.author.kind !== "agent") return;
    this.#types(null);
    this.#options.onIncoming(frame.message);
  }

  #types(name: string | null): void {
    clearTimeout(this.#typingTimer);
    if (name) this.#typingTimer = setTimeout(() => this.#types(null), TYPING_MS);
    if (name === this.typing) return;
    this.typing = name;
    this.#options.onChange();
  }

  #changed(): void {
    this.#view();
    this.#mark();
    this.#options.onChange();
  }

  #view(): void {
    this.lines = threadView(this.state.thread.rows, this.client.outbox.entries);
  }

  /** Says how far the team's messages have come: here, and before the visitor's eyes. */
  #mark(): void {
    const { conversation, thread } = this.state;
    if (!conversation) return;
    const newest = [...thread.rows].reverse().find((row) => row.author.kind !== "you")?.n ?? 0;
    const behind = (mark: "delivered" | "read") =>
      newest > Math.max(conversation.visitor[mark], this.#asked[mark]);
    const read = this.#watching && (behind("read") || this.unread > 0) ? newest : 0;
    if (read <= this.#asked.read && !behind("delivered")) return;
    const before = this.#asked;
    this.#asked = { delivered: newest, read: Math.max(before.read, read) };
    this.client.request({ type: "mark", delivered: newest, read }).catch(() => {
      this.#asked = before;
    });
  }
}
