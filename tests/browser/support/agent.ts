/** Somebody of the team at the console. */

import type { APIResponse, BrowserContext, Locator, Page } from "playwright-core";
import { PATIENCE, seen } from "./wait.ts";

export class Agent {
  readonly page: Page;
  readonly base: string;
  readonly field: Locator;
  readonly list: Locator;

  constructor(page: Page, base: string) {
    this.page = page;
    this.base = base;
    this.field = page.getByRole("textbox", { name: "Message", exact: true });
    this.list = page.getByRole("list", { name: "Conversations" });
  }

  get context(): BrowserContext {
    return this.page.context();
  }

  async go(path: string): Promise<void> {
    await this.page.goto(`${this.base}/console${path}`);
  }

  /** The row of a conversation in the list. */
  row(text: string | RegExp): Locator {
    return this.page.locator("a[data-conversation]").filter({ hasText: text });
  }

  async openConversation(text: string | RegExp): Promise<void> {
    await this.row(text).first().click();
    await seen(this.field);
  }

  async say(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press("Enter");
  }

  /** Sends what is there by the button, once it may go. */
  async send(): Promise<void> {
    await this.page.getByRole("button", { name: "Send", exact: true }).click();
  }

  async note(text: string): Promise<void> {
    await this.page.getByRole("tab", { name: "Note" }).click();
    await this.say(text);
    await seen(this.message(text));
    await this.page.getByRole("tab", { name: "Reply" }).click();
  }

  message(text: string | RegExp): Locator {
    return this.page.getByRole("article").filter({ hasText: text });
  }

  async came(text: string, how: "Read" | "Delivered" | "Sent", timeout = PATIENCE): Promise<void> {
    await seen(this.message(text).getByRole("img", { name: how }), timeout);
  }

  /** Opens what can be done with a message and chooses. */
  async choose(text: string, item: string): Promise<void> {
    await this.message(text).hover();
    await this.message(text).getByRole("button", { name: "More about this message" }).click();
    await this.page.getByRole("menuitem", { name: item }).click();
  }

  /** What the field with this name offers to copy. */
  copied(name: string): Promise<string> {
    return this.page.getByRole("group", { name, exact: true }).locator("code").innerText();
  }

  /** Asks the REST interface as this agent. */
  async api(method: "GET" | "POST" | "PATCH", path: string, data?: unknown): Promise<APIResponse> {
    const answer = await this.context.request.fetch(`${this.base}/api/v1${path}`, {
      method,
      headers: { origin: this.base },
      ...(data !== undefined && { data }),
    });
    if (!answer.ok())
      throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
    return answer;
  }
}
