/** Somebody on the shop's page. */

import type { BrowserContext, Locator, Page } from "playwright-core";
import { eventually, PATIENCE, seen } from "./wait.ts";

export class Visitor {
  readonly page: Page;
  readonly launcher: Locator;
  readonly panel: Locator;
  readonly field: Locator;
  /** What the server has sent over websockets, as text. */
  readonly frames: string[] = [];

  constructor(page: Page) {
    this.page = page;
    const widget = page.locator("switchboard-widget");
    this.launcher = widget.locator("button.go");
    this.panel = widget.locator("section[role=dialog]");
    this.field = this.panel.locator("textarea");
    page.on("websocket", (socket) => {
      socket.on("framereceived", ({ payload }) => this.frames.push(String(payload)));
    });
  }

  get context(): BrowserContext {
    return this.page.context();
  }

  async open(): Promise<void> {
    await this.launcher.click();
    await seen(this.field);
  }

  async say(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press("Enter");
  }

  /** The row of the message with these words. */
  message(text: string | RegExp): Locator {
    return this.panel.locator("li.row").filter({ hasText: text });
  }

  /** How far one's own message has come. */
  async came(text: string, how: "Read" | "Delivered" | "Sent" | "Waiting for connection") {
    const tick = this.message(text).getByRole("img", { name: how });
    await seen(tick);
  }

  /** Opens what can be done with a message and chooses. */
  async choose(text: string, ...items: string[]): Promise<void> {
    await this.message(text).hover();
    await this.message(text).getByRole("button", { name: "Message options" }).click();
    for (const name of items) {
      await this.panel
        .getByRole(/^React/.test(name) ? "menuitemcheckbox" : "menuitem", { name })
        .click();
    }
  }

  /** Whether the page's frame for the conversation is up to date with the server. */
  async live(): Promise<void> {
    await eventually(() => this.panel.locator(".banner").count()).toBe(0);
    await seen(this.panel.locator(".head .online, .head p").filter({ hasText: /./ }), PATIENCE);
  }
}
