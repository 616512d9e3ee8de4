/** What a test file needs: a browser, the shop, and people who come and go with each test. */

import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, inject } from "vitest";
import { Agent } from "./agent.ts";
import { type Manner, Shop } from "./shop.ts";
import { Visitor } from "./visitor.ts";
import { eventually, PATIENCE, seen } from "./wait.ts";

export const PASSWORD = "correct horse battery";
const FAILURES = join(tmpdir(), "switchboard-browser-failures");

/** A workspace of its own, with its owner. */
export interface Team {
  owner: Agent;
  /** The widget's public key. */
  key: string;
  email: string;
}

export type Where = BrowserContextOptions;

let count = 0;

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.SWITCHBOARD_CHROMIUM ?? "/usr/bin/chromium",
    headless: !process.env.SWITCHBOARD_HEADED,
    // Chromium refuses its sandbox to root, which is who runs tests in containers.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
}

export class Stage {
  readonly base: string;
  readonly shop: Shop;
  readonly #browser: Browser;
  readonly #pages: Page[] = [];
  /** Errors that no script of a page caught. */
  readonly #errors: Error[] = [];

  constructor(browser: Browser, shop: Shop) {
    this.#browser = browser;
    this.shop = shop;
    this.base = shop.server;
  }

  /** A page in a browser profile of its own. */
  async page(where: Where = {}): Promise<Page> {
    const context = await this.#browser.newContext({ locale: "en-GB", ...where });
    context.setDefaultTimeout(PATIENCE);
    return this.#watched(await context.newPage());
  }

  #watched(page: Page): Page {
    page.on("pageerror", (error) => this.#errors.push(error));
    this.#pages.push(page);
    return page;
  }

  /** Another page of the same browser profile. */
  async again(agent: Agent): Promise<Agent> {
    return new Agent(this.#watched(await agent.context.newPage()), this.base);
  }

  /** Founds a workspace; its owner is signed in and looks at the inbox, on a page made `ready`. */
  async team(where: Where = {}, ready = async (_: Page) => {}): Promise<Team> {
    const page = await this.page(where);
    await ready(page);
    const email = `owner${++count}.${Date.now()}@shop.example`;
    const owner = new Agent(page, this.base);
    await owner.api("POST", "/sign-up", {
      workspace: "Kiln & Clay",
      name: "Ana Ruiz",
      email,
      password: PASSWORD,
    });
    const settings = await owner.api("GET", "/widget-settings");
    await owner.go("");
    await seen(page.getByRole("heading", { name: "All open" }));
    return { owner, email, key: (await settings.json()).key };
  }

  /** Somebody on a page that carries the team's widget. */
  async visitor(
    team: Pick<Team, "key">,
    where: Where = {},
    manner: Manner = "plain",
    page?: Page,
  ): Promise<Visitor> {
    const visitor = new Visitor(page ?? (await this.page(where)));
    await visitor.page.goto(this.shop.address(team.key, manner));
    await visitor.launcher.waitFor({ state: "visible" });
    return visitor;
  }

  /** The owner at another browser, signed in by hand. */
  async signIn(team: Team, where: Where = {}): Promise<Agent> {
    const agent = new Agent(await this.page(where), this.base);
    await agent.go("/sign-in");
    const email = agent.page.getByLabel("Email");
    await eventually(() => email.evaluate((field) => field === document.activeElement)).toBe(true);
    await agent.page.keyboard.type(team.email);
    await agent.page.keyboard.press("Tab");
    await agent.page.keyboard.type(PASSWORD);
    await agent.page.keyboard.press("Enter");
    await seen(agent.page.getByRole("heading", { name: "All open" }));
    return agent;
  }

  /** A visitor who has written, and the owner who has opened what they wrote. */
  async conversation(
    first = "Hello, is anybody there?",
  ): Promise<{ team: Team; visitor: Visitor; agent: Agent }> {
    const team = await this.team();
    const visitor = await this.visitor(team);
    await visitor.open();
    await visitor.say(first);
    await team.owner.openConversation(first);
    return { team, visitor, agent: team.owner };
  }

  /** Pictures of what was there, for whoever has to find out why a test failed. */
  async photograph(name: string): Promise<void> {
    mkdirSync(FAILURES, { recursive: true });
    for (const [at, page] of this.#pages.entries()) {
      const path = join(FAILURES, `${name.replace(/\W+/g, "-")}-${at + 1}.png`);
      await page.screenshot({ path, timeout: 3000 }).catch(() => {});
      console.error(`picture: ${path}`);
    }
  }

  /** Sends everybody home. */
  async clear(): Promise<Error[]> {
    const contexts = new Set(this.#pages.splice(0).map((page) => page.context()));
    await Promise.all([...contexts].map((context) => context.close()));
    return this.#errors.splice(0);
  }
}

/** Sets the stage for the tests of a file. `base`: another server than the run's. */
export function useStage(base: () => string = () => inject("base")): () => Stage {
  let browser: Browser;
  let stage: Stage;
  beforeAll(async () => {
    browser = await launch();
    stage = new Stage(browser, await Shop.open(base()));
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await stage.photograph(task.name);
    const errors = await stage.clear();
    if (errors[0]) throw errors[0];
  });
  afterAll(async () => {
    stage?.shop.close();
    await browser?.close();
  });
  return () => stage;
}
