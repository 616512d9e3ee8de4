import { expect, test } from "vitest";
import type { Manner } from "./support/shop.ts";
import { type Team, useStage } from "./support/stage.ts";
import { eventually, seen, still } from "./support/wait.ts";

const stage = useStage();

/** What the page's own elements look like, to the pixel. Runs in the page. */
function looks() {
  return [...document.querySelectorAll("html, body, h1, a, p")].map((element) => {
    const { font, color, display, overflow } = getComputedStyle(element);
    const { x, y, width, height } = element.getBoundingClientRect();
    return { font, color, display, overflow, x, y, width, height };
  });
}

/** Opens the chat on a page of this manner and is answered there. */
async function talkOn(manner: Manner) {
  const team = await stage().team();
  const page = await stage().page();
  const blocked: string[] = [];
  page.on("console", (said) => {
    if (/Content Security Policy|Trusted/.test(said.text())) blocked.push(said.text());
  });
  const visitor = await stage().visitor(team, {}, manner, page);
  return { team, visitor, page, blocked };
}

/** Fails unless the open widget looks as it does on a plain page. */
async function looksRight(team: Team, manner: Manner) {
  const look = async (kind: Manner) => {
    const visitor = await stage().visitor(team, {}, kind);
    await visitor.open();
    await seen(visitor.panel.locator(".bubble"));
    await still(visitor.page);
    const parts = ["", ".head", ".bubble", "textarea", ".send", ".head h2"];
    const looks = await visitor.panel.evaluate((panel, parts) => {
      return parts.map((part) => {
        const element = part ? panel.querySelector(part) : panel;
        if (!element) return part;
        const { font, color, backgroundColor, letterSpacing, direction } =
          getComputedStyle(element);
        const { x, y, width, height } = element.getBoundingClientRect();
        const box = [x, y, width, height].map(Math.round);
        return { part, font, color, backgroundColor, letterSpacing, direction, box };
      });
    }, parts);
    const box = await visitor.launcher.boundingBox();
    return { looks, box };
  };
  expect(await look(manner)).toEqual(await look("plain"));
}

test("until somebody wants to talk, a page pays for one script and nothing else", async () => {
  const team = await stage().team();
  const page = await stage().page();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("websocket", (socket) => asked.push(socket.url()));
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(self, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push((entry as { value?: number }).value ?? 0);
    }).observe({ type: "layout-shift", buffered: true });
  });
  const visitor = await stage().visitor(team, {}, "plain", page);
  await page.waitForLoadState("networkidle");
  const loader = `${stage().base}/widget.js?key=${team.key}`;
  expect(asked).toEqual([stage().shop.address(team.key), loader]);
  expect(await page.evaluate(() => (self as { shifts?: number[] }).shifts)).toEqual([]);
  expect(await page.evaluate(() => ({ ...localStorage }))).toEqual({});

  await visitor.open();
  await eventually(() => asked.some((url) => url.startsWith("ws:"))).toBe(true);
  expect(await visitor.context.cookies()).toEqual([]);
  expect(await page.evaluate(() => (self as { shifts?: number[] }).shifts)).toEqual([]);
});

test("a page with rules for everything does not change the widget", async () => {
  await looksRight(await stage().team(), "hostile");
});

test("the widget changes nothing on the page", async () => {
  const { visitor, page } = await talkOn("plain");
  const look = () => page.evaluate(looks);
  const globals = () => page.evaluate(() => Object.keys(self).sort());
  const [before, named] = [await look(), await globals()];
  await visitor.open();
  await visitor.say("Hello");
  await visitor.came("Hello", "Sent");
  expect(await look()).toEqual(before);
  expect(await globals()).toEqual(named);
  expect(named.filter((name) => /switchboard/i.test(name))).toEqual([
    "Switchboard",
    "__switchboard",
  ]);
});

test("a page with a strict policy carries the widget without complaint", async () => {
  const { team, visitor, blocked } = await talkOn("strict");
  await visitor.open();
  await visitor.say("Is it strict in here?");
  await team.owner.openConversation("Is it strict in here?");
  await team.owner.say("Very.");
  await seen(visitor.message("Very."));
  expect(blocked).toEqual([]);
  await looksRight(team, "strict");
});

test("a page calls the widget before it is there, and hears what happens", async () => {
  const { team, visitor, page } = await talkOn("plain");
  const said = await page.evaluate(() => {
    const heard: string[] = [];
    const api = (self as unknown as { Switchboard: { on: (e: string, f: () => void) => void } })
      .Switchboard;
    for (const event of ["ready", "open", "sent", "message", "close"]) {
      api.on(event, () => heard.push(event));
    }
    Object.assign(self, { heard });
    return (
      self as unknown as { Switchboard: { push: (call: [string]) => void } }
    ).Switchboard.push(["open"]);
  });
  expect(said).toBeUndefined();
  await seen(visitor.field);
  await visitor.say("From a page's own button");
  await visitor.came("From a page's own button", "Sent");
  await team.owner.openConversation("From a page's own button");
  await team.owner.say("I see");
  await seen(visitor.message("I see"));
  await visitor.close();
  const heard = await page.evaluate(() => (self as unknown as { heard: string[] }).heard);
  expect(heard).toEqual(["ready", "open", "sent", "message", "close"]);
  await page.evaluate(() =>
    (self as unknown as { Switchboard: { shutdown(): void } }).Switchboard.shutdown(),
  );
  expect(await page.locator("switchboard-widget").count()).toBe(0);
  expect(await page.evaluate(() => ({ ...localStorage }))).toEqual({});
});
