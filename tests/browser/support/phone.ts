/** A customer on a pretend phone. */

import type { Agent } from "./agent.ts";
import { eventually } from "./wait.ts";

type Platform = "whatsapp" | "messenger" | "instagram" | "telegram";

export interface PhoneMessage {
  id: string;
  from: "customer" | "business";
  kind: string;
  text: string | null;
  media: { url: string; kind: string; name: string | null }[];
  reply_to: string | null;
  reactions: { by: string; emoji: string }[];
  edited: boolean;
  deleted: boolean;
  buttons: { title: string; payload: string }[];
}

interface PhoneState {
  id: string;
  platform: Platform;
  account: string;
  thread: PhoneMessage[];
}

/** The sandbox that the demo started. */
export class Sandbox {
  readonly base: string;

  constructor(base: string) {
    this.base = base;
  }

  /** Finds it by what the console shows. */
  static async of(agent: Agent): Promise<Sandbox> {
    const { phones_url } = await (await agent.api("GET", "/channels")).json();
    return new Sandbox(new URL(phones_url).origin);
  }

  async post<T>(path: string, body: unknown = {}): Promise<T> {
    const answer = await fetch(`${this.base}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** Breaks something, in one way, for one platform. */
  async fault(platform: Platform, kind: string, more: object = {}): Promise<void> {
    await this.post("/control/faults", { platform, kind, ...more });
  }

  async heal(): Promise<void> {
    await fetch(`${this.base}/control/faults`, { method: "DELETE" });
  }

  /** Lets time pass at the platforms. */
  async advance(seconds: number): Promise<void> {
    await this.post("/control/advance", { seconds });
  }

  /** Gives somebody new a phone, to write to the account that the preset people write to. */
  async customer(platform: Platform, name: string): Promise<Phone> {
    const { phones } = (await (await fetch(`${this.base}/phones/api/state`)).json()) as {
      phones: PhoneState[];
    };
    const account = phones.find((phone) => phone.platform === platform)?.account;
    const { id } = await this.post<{ id: string }>("/phones/api/people", {
      platform,
      account,
      name,
    });
    return new Phone(this, id);
  }
}

export class Phone {
  readonly #sandbox: Sandbox;
  readonly #id: string;

  constructor(sandbox: Sandbox, id: string) {
    this.#sandbox = sandbox;
    this.#id = id;
  }

  /** Writes, or sends whatever else the phone can. Answers the message's id. */
  async send(what: string | object): Promise<string> {
    const body = typeof what === "string" ? { text: what } : what;
    const { id } = await this.#do<{ id: string }>("send", body);
    return id;
  }

  edit(message: string, text: string): Promise<unknown> {
    return this.#do("edit", { message, text });
  }

  delete(message: string): Promise<unknown> {
    return this.#do("delete", { message });
  }

  react(message: string, emoji: string | null): Promise<unknown> {
    return this.#do("react", { message, emoji });
  }

  tap(message: string, payload: string): Promise<unknown> {
    return this.#do("tap", { message, payload });
  }

  read(): Promise<unknown> {
    return this.#do("read");
  }

  async thread(): Promise<PhoneMessage[]> {
    const at = `${this.#sandbox.base}/phones/api/state?phone=${this.#id}`;
    const { phones } = (await (await fetch(at)).json()) as { phones: PhoneState[] };
    return phones[0]?.thread ?? [];
  }

  /** What the business has written, in order. */
  async heard(): Promise<(string | null)[]> {
    const thread = await this.thread();
    return thread.filter(({ from }) => from === "business").map(({ text }) => text);
  }

  /** Waits for a message of the business, and answers it. */
  async hears(text: string): Promise<PhoneMessage> {
    await eventually(() => this.heard()).toContain(text);
    const found = (await this.thread()).find((message) => message.text === text);
    if (!found) throw new Error(`${text} was heard and is gone`);
    return found;
  }

  #do<T>(what: string, body: object = {}): Promise<T> {
    return this.#sandbox.post<T>(`/phones/api/${this.#id}/${what}`, body);
  }
}
