/**
 * An agent's desk: the connection, the store that its events feed, and what an agent may do.
 * There is one from signing in until signing out.
 */
import {
  type Client,
  type ConversationDetail,
  type ConversationId,
  createClient,
  type DraftOf,
  type Entry,
  type FrameOf,
  localStore,
  type Me,
  type MemberId,
  messageOf,
  type RequestOf,
  type Rest,
  type State,
  socketUrl,
} from "@switchboard/wire";
import { getContext, setContext } from "svelte";
import { SvelteMap } from "svelte/reactivity";
import { CountsStore } from "./counts.svelte.ts";
import { Deliveries } from "./deliveries.ts";
import { Drafts } from "./drafts.ts";
import { ConversationList } from "./list.svelte.ts";
import { t } from "./messages.ts";
import { wordsOf } from "./problem.ts";
import type { ViewKey } from "./routes.ts";
import { Rows } from "./rows.svelte.ts";
import { ThreadStore } from "./thread.svelte.ts";
import { toasts } from "./toasts.svelte.ts";
import { Typing } from "./typing.svelte.ts";

/** Threads of conversations visited last are kept, so that going back is instant. */
const THREADS_KEPT = 12;

type Message = FrameOf<"agent", "event"> & { event: "message" };

export class Desk {
  readonly rest: Rest;
  readonly client: Client<"agent">;
  readonly rows: Rows;
  readonly counts: CountsStore;
  readonly typing = new Typing();
  readonly drafts: Drafts;
  readonly viewers = new SvelteMap<ConversationId, readonly MemberId[]>();
  connection = $state.raw<State>({ kind: "idle" });
  outbox = $state.raw<readonly Entry<DraftOf<"agent">>[]>([]);
  /** False until the first snapshot has arrived. */
  ready = $state(false);
  /** Grows whenever everything had to be fetched anew. */
  generation = $state(0);
  readonly #lists = new Map<ViewKey, ConversationList>();
  readonly #threads = new Map<ConversationId, ThreadStore>();
  readonly #deliveries: Deliveries;
  readonly #listeners = new Set<(event: Message) => void>();

  constructor(me: Me, rest: Rest) {
    this.rest = rest;
    this.rows = new Rows(me.member, me.workspace, (before, after) => {
      this.counts.changed(before, after);
      for (const list of this.#lists.values()) list.apply(after);
      this.#deliveries.consider(after);
    });
    this.counts = new CountsStore(rest, () => this.rows.me.id);
    this.drafts = new Drafts(me.member.id, () => Date.now());
    this.client = createClient({
      mode: "agent",
      url: socketUrl(location.origin, "/ws/agent"),
      hello: (resume) => ({ type: "hello", ...resume }),
      store: localStore(),
      outboxKey: `sb:outbox:${me.member.id}`,
    });
    this.#deliveries = new Deliveries((mark) => this.client.request(mark));
    this.outbox = this.client.outbox.entries;
    this.#listen();
  }

  start(): void {
    this.client.start();
    this.drafts.sweep();
  }

  close(): void {
    this.client.stop();
    this.counts.close();
    this.typing.clear();
    this.#deliveries.close();
  }

  list(view: ViewKey): ConversationList {
    let list = this.#lists.get(view);
    if (!list) {
      list = new ConversationList(view, {
        rest: this.rest,
        me: () => this.rows.me.id,
        known: (row) => {
          this.rows.putConversation(row);
          return this.rows.conversations.get(row.id) ?? row;
        },
      });
      this.#lists.set(view, list);
    }
    return list;
  }

  thread(conversation: ConversationId): ThreadStore {
    const thread = this.#threads.get(conversation) ?? new ThreadStore(conversation, this.rest);
    this.#threads.delete(conversation);
    this.#threads.set(conversation, thread);
    for (const oldest of this.#threads.keys()) {
      if (this.#threads.size <= THREADS_KEPT) break;
      this.#threads.delete(oldest);
    }
    return thread;
  }

  /** Fetches a conversation that no list has brought, and its contact. */
  async detail(conversation: ConversationId): Promise<void> {
    const detail = await this.rest.get<ConversationDetail>(`/conversations/${conversation}`);
    this.rows.putConversation(detail.conversation);
    this.rows.putContact(detail.contact);
    const who = { kind: "visitor", id: detail.contact.id } as const;
    this.rows.setPresence(who, detail.online ? "online" : "offline");
  }

  /** Does something to a conversation; what is refused is told. Answers whether it was done. */
  async do(command: RequestOf<"agent">): Promise<boolean> {
    if (this.connection.kind !== "live") toasts.show(t("waits-for-connection"));
    try {
      await this.client.request(command);
      return true;
    } catch (error) {
      toasts.show(wordsOf(error), "bad");
      return false;
    }
  }

  /** Calls `fn` with every message that is posted while we are connected. */
  onPosted(fn: (event: Message) => void): () => void {
    this.#listeners.add(fn);
    return () => this.#listeners.delete(fn);
  }

  #listen(): void {
    const { client, rows } = this;
    client.on("state", (state) => {
      this.connection = state;
    });
    client.on("outbox", (entries) => {
      this.outbox = entries;
    });
    client.on("snapshot", (frame) => this.#reset(frame));
    client.on("event", (frame) => this.#apply(frame));
    client.on("typing", (frame) => this.typing.apply(frame));
    client.on("presence", (frame) => rows.setPresence(frame.who, frame.presence));
    client.on("viewers", (frame) => {
      this.viewers.set(frame.conversation, frame.members);
    });
    client.on("refused", (refusal) => console.error("refused", refusal.code, refusal.message));
  }

  #reset({ snapshot }: FrameOf<"agent", "snapshot">): void {
    this.rows.reset(snapshot);
    this.counts.begin(snapshot.counts);
    this.typing.clear();
    this.viewers.clear();
    this.#threads.clear();
    for (const [view, list] of this.#lists) if (view !== "open") void list.reload();
    this.list("open").begin(snapshot.conversations, snapshot.next ?? null);
    for (const row of snapshot.conversations) this.#deliveries.consider(row);
    this.ready = true;
    this.generation += 1;
  }

  #apply(frame: FrameOf<"agent", "event">): void {
    const message = messageOf(frame);
    if (message) this.#threads.get(message.conversation)?.apply(frame);
    this.rows.apply(frame);
    if (frame.event === "gone") this.counts.uncertain();
    if (frame.event === "message" && frame.change === "posted") {
      this.typing.stop(frame.message.conversation, frame.message.author);
      for (const listener of this.#listeners) listener(frame);
    }
  }
}

const KEY = Symbol("desk");

export function provideDesk(desk: Desk): void {
  setContext(KEY, desk);
}

export function useDesk(): Desk {
  return getContext<Desk>(KEY);
}
