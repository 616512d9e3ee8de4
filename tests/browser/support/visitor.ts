/** Somebody on the shop's page. */

import type { BrowserContext, Locator, Page } from "playwright-core";
import { gone, PATIENCE, seen } from "./wait.ts";

type Reach = "Read" | "Delivered" | "Sent" | "Waiting for connection";

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

  /** Waits until one's own message has come so far. */
  async came(text: string, how: Reach, timeout = PATIENCE): Promise<void> {
    await seen(this.message(text).getByRole("img", { name: how }), timeout);
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

  async close(): Promise<void> {
    await this.panel.getByRole("button", { name: "Close chat" }).click();
    await gone(this.panel);
  }

  /** Sends what is there by the button, once it may go. */
  async send(): Promise<void> {
    await this.panel.getByRole("button", { name: "Send" }).click();
  }
}
