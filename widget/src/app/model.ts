/** The running widget: who the visitor is, whether the panel is open, and how the two change. */

import {
  type Boot,
  type Booted,
  type Calls,
  createCalls,
  localStore,
  ProblemError,
  type Store,
  type VisitorMessage,
  type WidgetConfig,
} from "@switchboard/wire";
import type { Host, Identity, Wishes } from "../contract.ts";
import { prefixOf } from "../memory.ts";
import { Chat, pageNow } from "./chat.ts";
import { Composition } from "./composition.ts";
import { Drafts } from "./draft.ts";
import { fetchWords, languages, pickLocale, type Speech, speech } from "./locale.ts";
import { type Extras, fetchExtras } from "./more.ts";

const FIRST_WAIT_MS = 1000;
const LAST_WAIT_MS = 30_000;
/** A server that refuses a token twice within this time means it. */
const REBOOT_MS = 60_000;

const ignore = () => {};

/** Why there is no conversation. */
export interface Trouble {
  /** Whether it is tried again. */
  passing: boolean;
  message: string;
}

export class Model {
  readonly host: Host;
  readonly store: Store;
  readonly prefix: string;
  readonly drafts: Drafts;
  readonly composition: Composition;
  /** What was said of the newest messages of the team when they came. */
  announced: { id: string; text: string }[] = [];
  /** The last message that was read when the panel was opened. */
  readBefore: number | null = null;
  say: Speech;
  open = false;
  chat: Chat | null = null;
  config: WidgetConfig | null = null;
  trouble: Trouble | null = null;
  muted: boolean;
  /** The second part of the app, when it is there. */
  extras: Extras | null = null;
  /** Drawn again whenever anything changed. */
  onChange: () => void = () => {};

  /** For whoever has no token yet. */
  readonly #rest: Calls;
  #identity: Identity | null;
  #locale: string | null;
  #turn = 0;
  #wait = FIRST_WAIT_MS;
  #timer = 0;
  #rebooted = 0;
  #unread = 0;
  readonly #page = new AbortController();

  constructor(host: Host, wishes: Wishes, say: Speech) {
    this.host = host;
    this.say = say;
    this.store = localStore();
    this.#rest = createCalls({ base: host.setup.base, token: () => null });
    this.prefix = prefixOf(host.setup.key);
    this.drafts = new Drafts(this.store, this.prefix);
    this.muted = this.#kept("muted") === "1";
    this.#identity = wishes.identity;
    this.#locale = wishes.locale;
    this.config = parseConfig(this.#kept("config"));
    this.composition = new Composition(this);
  }

  start(): void {
    const { signal } = this.#page;
    const visited = () => this.chat?.visited();
    addEventListener("popstate", visited, { signal });
    // Where there is the Navigation API, pages that change without loading are noticed too.
    (self as { navigation?: EventTarget }).navigation?.addEventListener(
      "navigatesuccess",
      visited,
      {
        signal,
      },
    );
    addEventListener("online", () => this.retry(), { signal });
    this.#boot();
  }

  /** Brings the second part of the app. */
  async more(): Promise<Extras> {
    if (this.extras) return this.extras;
    const extras = await fetchExtras();
    if (!this.extras) {
      this.extras = extras;
      this.host.adopt(extras.style);
      this.changed();
    }
    return extras;
  }

  stop(): void {
    this.#turn++;
    clearTimeout(this.#timer);
    this.#page.abort();
    this.chat?.stop();
    this.chat = null;
  }

  show(open: boolean): void {
    if (open === this.open) return;
    this.open = open;
    this.readBefore = this.chat?.unread
      ? (this.chat.state.conversation?.visitor.read ?? null)
      : null;
    this.changed();
    if (open) this.more().catch(ignore);
    this.host.emit(open ? "open" : "close", {});
    if (!open) this.chat?.watch(false);
  }

  identify(identity: Identity): void {
    this.#identity = identity;
    // Nothing of the one before may show while the server makes up its mind.
    if (this.chat && this.#kept("user") !== identity.userId && this.#kept("user")) this.#leave();
    this.#boot();
  }

  async setLocale(locale: string): Promise<void> {
    this.#locale = locale;
    const said = await speak(locale);
    if (this.#locale !== locale) return;
    this.say = said;
    this.changed();
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.store.set(`${this.prefix}muted`, muted ? "1" : "0");
    if (!muted) this.extras?.chime();
    this.changed();
  }

  /** Tries again at once whatever is waiting to. */
  retry(): void {
    if (this.open) this.more().catch(ignore);
    if (this.trouble) this.#boot();
    else if (this.chat?.client.state.kind === "stopped") this.chat.client.start();
    else this.chat?.client.retryNow();
  }

  /** Whether the workspace wants to know who writes, and does not. */
  get anonymous(): boolean {
    return !!this.config?.require_identity && !this.#kept("user");
  }

  /** What a screen reader is to say. Words that were taken back are not among it. */
  get announcements(): { id: string; text: string }[] {
    const rows = this.chat?.state.thread.rows ?? [];
    const stands = (id: string) =>
      rows.some((row) => row.id === id && !row.edited_at && !row.deleted_at);
    return this.announced.filter(({ id }) => stands(id));
  }

  changed(): void {
    const unread = this.chat?.unread ?? 0;
    const { say, host, open } = this;
    const label = open
      ? say("close")
      : unread
        ? say("open-unread", { count: unread })
        : say("open");
    host.face(label, open, open ? 0 : unread);
    if (unread !== this.#unread) {
      this.#unread = unread;
      host.emit("unread", { count: unread });
    }
    if (this.chat?.state.conversation && !this.#kept("talked")) this.#keep("talked", "1");
    this.onChange();
  }

  #kept(name: string): string | null {
    return this.store.get(this.prefix + name);
  }

  #keep(name: string, value: string | null): void {
    if (value === null) this.store.remove(this.prefix + name);
    else this.store.set(this.prefix + name, value);
  }

  async #boot(): Promise<void> {
    const turn = ++this.#turn;
    clearTimeout(this.#timer);
    const identity = this.#identity;
    const user = this.#kept("user");
    // The token of another known person says nothing about this one.
    const stranger = !!(identity && user && user !== identity.userId);
    const token = stranger ? null : this.#kept("token");
    const asked: Boot = {
      key: this.host.setup.key,
      locale: this.say.tag,
      page: pageNow(),
      ...(token && { token }),
      ...(identity && { identity: named(identity) }),
    };
    try {
      const booted = await this.#rest.post<Booted>("/widget/boot", asked);
      if (turn === this.#turn) this.#booted(booted, identity);
    } catch (error) {
      if (turn !== this.#turn) return;
      if (token && !identity && (error as ProblemError).status === 401) {
        // It has run out, or its visitor was erased: begin as somebody new.
        this.#keep("token", null);
        this.#boot();
      } else if (!identity && (await this.#wantsIdentity(error, turn))) {
        this.#leave();
        this.changed();
      } else if (turn === this.#turn) this.#failed(error, stranger);
    }
  }

  #booted(booted: Booted, identity: Identity | null): void {
    const same = this.#kept("visitor") === booted.visitor;
    this.#wait = FIRST_WAIT_MS;
    this.trouble = null;
    this.config = booted.config;
    this.#keep("token", booted.token);
    this.#keep("visitor", booted.visitor);
    this.#keep("config", JSON.stringify(booted.config));
    if (identity) this.#keep("user", identity.userId);
    else if (!same) this.#keep("user", null);
    if (!same || booted.conversation) this.#keep("talked", booted.conversation ? "1" : null);
    this.#enter(booted.visitor, booted.token, booted.config.online);
    this.changed();
  }

  /** Whether the refusal means that visitors must be signed in, which is no fault of the page. */
  async #wantsIdentity(error: unknown, turn: number): Promise<boolean> {
    if ((error as ProblemError).status !== 403) return false;
    const query = { key: this.host.setup.key };
    const config = await this.#rest
      .get<WidgetConfig>("/widget/config", { query })
      .catch(() => null);
    if (!config?.require_identity || turn !== this.#turn) return false;
    this.config = config;
    this.trouble = null;
    this.#keep("user", null);
    return true;
  }

  #failed(error: unknown, stranger: boolean): void {
    const problem = error instanceof ProblemError ? error : null;
    const passing =
      !problem || problem.status < 400 || problem.status >= 500 || problem.status === 429;
    const message = problem?.message ?? String(error);
    this.trouble = { passing, message };
    this.host.emit("error", { code: problem?.code ?? "internal", message });
    if (passing) {
      const wait = Math.max((problem?.retryAfter ?? 0) * 1000, this.#wait * (0.5 + Math.random()));
      this.#wait = Math.min(this.#wait * 2, LAST_WAIT_MS);
      this.#timer = setTimeout(() => this.#boot(), wait);
      // A visitor of earlier days may write already; it leaves when the server is back.
      const [visitor, token] = [this.#kept("visitor"), this.#kept("token")];
      if (!this.chat && !stranger && visitor && token) this.#enter(visitor, token, false);
    } else {
      this.#leave();
    }
    this.changed();
  }

  #leave(): void {
    this.chat?.stop();
    this.chat = null;
    this.announced = [];
    this.composition.swap(null);
  }

  /** Takes up the visitor's conversation; another visitor's is put away first. */
  #enter(visitor: string, token: string, online: boolean): void {
    if (this.chat?.visitor === visitor) {
      this.chat.token = token;
      if (this.chat.client.state.kind === "stopped") this.chat.client.start();
      return;
    }
    this.#leave();
    const { base } = this.host.setup;
    this.chat = new Chat({
      base,
      store: this.store,
      prefix: this.prefix,
      visitor,
      token,
      online,
      onChange: () => this.changed(),
      onIncoming: (message) => this.#incoming(message),
      onSent: (ref, id) => this.host.emit("sent", { ref, id }),
      onStopped: (code) => this.#stopped(code),
    });
    this.composition.swap(visitor);
    this.chat.client.start();
  }

  #incoming(message: VisitorMessage): void {
    const author = message.author.kind === "agent" ? message.author.name : "";
    const { id, text, created_at } = message;
    this.host.emit("message", { id, text, author, at: created_at });
    const files = message.attachments.map((file) => file.name).join(", ");
    this.announced = [...this.announced.slice(-2), { id, text: `${author}: ${text || files}` }];
    this.changed();
    const watched = this.open && !document.hidden && document.hasFocus();
    // Of several tabs the first one rings.
    if (watched || this.muted || this.#kept("rang") === id) return;
    this.#keep("rang", id);
    this.more().then(({ chime }) => chime(), ignore);
  }

  #stopped(code: string): void {
    if (code !== "unauthenticated" && code !== "signed_out") {
      this.host.emit("error", { code, message: "the connection was refused" });
    } else if (Date.now() - this.#rebooted > REBOOT_MS) {
      this.#rebooted = Date.now();
      if (code === "signed_out") this.#keep("token", null);
      this.#boot();
    }
  }
}

function named({ userId, hash, name, email, phone }: Identity): NonNullable<Boot["identity"]> {
  return {
    user_id: userId,
    hash,
    ...(name && { name }),
    ...(email && { email }),
    ...(phone && { phone }),
  };
}

/** Whatever storage holds, this is a configuration or nothing. */
function parseConfig(stored: string | null): WidgetConfig | null {
  try {
    const found = JSON.parse(stored ?? "null") as WidgetConfig | null;
    return typeof found?.look?.title === "string" ? found : null;
  } catch {
    return null;
  }
}

/** The language that is wished for, or the browser's, or English. */
export async function speak(wished: string | null): Promise<Speech> {
  const tags = wished ? [wished] : navigator.languages;
  const language = pickLocale(tags, languages());
  return speech(language, await fetchWords(language), tags);
}
