/** Other scripts, other screens, other hands. */

import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { useStage } from "./support/stage.ts";
import { eventually, gone, seen, still } from "./support/wait.ts";

const stage = useStage();

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

async function boxOf(what: Locator) {
  const box = await what.boundingBox();
  if (!box) throw new Error("it cannot be seen");
  return { ...box, right: box.x + box.width, bottom: box.y + box.height };
}

test("in Arabic the chat is written from right to left", async () => {
  const team = await stage().team();
  const visitor = await stage().visitor(team, { locale: "ar-EG" });
  await visitor.launcher.click();
  await seen(visitor.field);
  await still(visitor.page);
  expect(await visitor.panel.getAttribute("dir")).toBe("rtl");
  expect(await visitor.panel.getAttribute("lang")).toMatch(/^ar/);
  await visitor.say("هل تشحنون إلى مصر؟");
  await team.owner.openConversation("هل تشحنون إلى مصر؟");
  await team.owner.say("نعم، خلال أسبوع.");
  await seen(visitor.message("نعم، خلال أسبوع."));
  const panel = await boxOf(visitor.panel);
  const mine = await boxOf(visitor.message("هل تشحنون").locator(".bubble"));
  const theirs = await boxOf(visitor.message("نعم، خلال").locator(".bubble"));
  const send = await boxOf(visitor.panel.locator(".send"));
  const close = await boxOf(visitor.panel.locator(".close"));
  // One's own words stand at the end of the line, which is on the left.
  expect(mine.x - panel.x).toBeLessThan(40);
  expect(panel.right - theirs.right).toBeLessThan(80);
  expect(send.x - panel.x).toBeLessThan(60);
  expect(close.x - panel.x).toBeLessThan(60);
  const overflow = await visitor.panel.evaluate((el) => el.scrollWidth - el.clientWidth);
  expect(overflow).toBe(0);
});

test("the launcher stands at the end of the page's direction, or at its start", async () => {
  const team = await stage().team();
  const places: Record<string, number> = {};
  for (const position of ["end", "start"]) {
    const look = { color: "#2f5bea", position, title: "", greeting: "", theme: "auto" };
    await team.owner.api("PATCH", "/widget-settings", { look });
    for (const manner of ["plain", "rtl"] as const) {
      const visitor = await stage().visitor(team, {}, manner);
      await visitor.open();
      await still(visitor.page);
      const [launcher, panel] = [await boxOf(visitor.launcher), await boxOf(visitor.panel)];
      places[`${position} ${manner}`] = launcher.x > 640 ? 1 : -1;
      expect(panel.x > 640 ? 1 : -1).toBe(places[`${position} ${manner}`]);
    }
  }
  expect(places).toEqual({ "end plain": 1, "end rtl": -1, "start plain": -1, "start rtl": 1 });
});

test("a visitor needs no mouse", async () => {
  const team = await stage().team();
  const visitor = await stage().visitor(team);
  const { keyboard } = visitor.page;
  const focused = () =>
    visitor.page.evaluate(() => {
      let at = document.activeElement;
      while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
      return at?.getAttribute("aria-label") ?? at?.tagName ?? "";
    });
  await keyboard.press("Tab");
  await keyboard.press("Tab");
  await eventually(focused).toBe("Open chat");
  await keyboard.press("Enter");
  await eventually(focused).toBe("Write a message…");
  await keyboard.type("Written by hand");
  await keyboard.press("Shift+Enter");
  await keyboard.type("on two lines");
  await keyboard.press("Enter");
  await visitor.came("Written by hand", "Sent");
  expect(await visitor.message("Written by hand").locator(".words").innerText()).toBe(
    "Written by hand\non two lines",
  );
  // What one wrote last is changed by the arrow key.
  await keyboard.press("ArrowUp");
  await seen(visitor.panel.getByText("Editing message"));
  await keyboard.press("Control+A");
  await keyboard.type("Written twice");
  await keyboard.press("Enter");
  await seen(visitor.message("Written twice").getByText("edited"));
  // The menu of a message, by keys alone.
  await keyboard.press("Shift+Tab");
  await eventually(focused).toBe("Message options");
  await keyboard.press("Enter");
  await eventually(focused).toBe("React with 👍");
  await keyboard.press("ArrowRight");
  await keyboard.press("Enter");
  await seen(visitor.message("Written twice").getByRole("button", { name: "❤️, 1 reaction" }));
  await keyboard.press("Escape");
  await gone(visitor.panel);
  await eventually(focused).toBe("Open chat");
});

test("an agent needs no mouse", async () => {
  const team = await stage().team();
  const visitors = [];
  for (const words of ["The first one", "The second one"]) {
    const visitor = await stage().visitor(team);
    await visitor.open();
    await visitor.say(words);
    await visitor.came(words, "Delivered");
    visitors.push(visitor);
  }
  const agent = await stage().signIn(team);
  const { keyboard } = agent.page;
  await seen(agent.row("The second one"));
  await keyboard.press("j");
  await eventually(() => agent.page.evaluate(() => document.activeElement?.textContent)).toContain(
    "The second one",
  );
  await keyboard.press("j");
  await eventually(() => agent.page.evaluate(() => document.activeElement?.textContent)).toContain(
    "The first one",
  );
  await keyboard.press("Enter");
  await seen(agent.message("The first one"));
  await keyboard.press("i");
  await seen(agent.page.getByRole("button", { name: "Assigned to Ana Ruiz" }));
  await keyboard.press("r");
  await eventually(() => agent.field.evaluate((el) => el === document.activeElement)).toBe(true);
  await keyboard.type("By keys alone");
  await keyboard.press("Enter");
  await seen(visitors[0]!.message("By keys alone"));
  await keyboard.press("Escape");
  await keyboard.press("e");
  await seen(
    agent.page
      .getByText("Ana Ruiz resolved the conversation")
      .or(agent.page.getByText("You resolved the conversation")),
  );
  await keyboard.press("g");
  await keyboard.press("r");
  await seen(agent.page.getByRole("heading", { name: "Resolved" }));
  await seen(agent.row("By keys alone"));
  await keyboard.press("?");
  await seen(agent.page.getByRole("dialog", { name: "Keyboard shortcuts" }));
  await keyboard.press("Escape");
  await gone(agent.page.getByRole("dialog"));
  await keyboard.press("Control+k");
  await seen(agent.page.getByRole("dialog", { name: "Command palette" }));
  await keyboard.type("unass");
  await keyboard.press("Enter");
  await seen(agent.page.getByRole("heading", { name: "Unassigned" }));
  await seen(agent.row("The second one"));
});

test("on a phone the chat is the whole screen", async () => {
  const team = await stage().team();
  const visitor = await stage().visitor(team, PHONE);
  await visitor.launcher.tap();
  await seen(visitor.field);
  await still(visitor.page);
  expect(await boxOf(visitor.panel)).toMatchObject({ x: 0, y: 0, width: 390, height: 844 });
  expect(await visitor.launcher.isVisible()).toBe(false);
  await visitor.field.tap();
  await visitor.page.keyboard.type("From the tram");
  // Enter is a new line where there is a thumb.
  await visitor.panel.getByRole("button", { name: "Send" }).tap();
  await visitor.came("From the tram", "Delivered");
  await visitor.panel.getByRole("button", { name: "Close chat" }).tap();
  await gone(visitor.panel);
  await seen(visitor.launcher);
});

test("on a phone the console shows one thing at a time", async () => {
  const team = await stage().team(PHONE);
  const visitor = await stage().visitor(team);
  await visitor.open();
  await visitor.say("Is this a phone?");
  const agent = team.owner;
  await agent.row("Is this a phone?").tap();
  await seen(agent.field);
  expect(await agent.row("Is this a phone?").isVisible()).toBe(false);
  await agent.field.tap();
  await agent.page.keyboard.type("It is");
  await agent.page.getByRole("button", { name: "Send" }).tap();
  await seen(visitor.message("It is"));
  const overflow = () =>
    agent.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(await overflow()).toBeLessThanOrEqual(0);
  await agent.page.getByRole("button", { name: "Back to inbox" }).tap();
  await seen(agent.row("It is"));
  expect(await agent.field.isVisible()).toBe(false);
  await agent.page.getByRole("button", { name: "Open navigation" }).tap();
  await agent.page.getByRole("link", { name: "Pending" }).tap();
  await seen(agent.page.getByRole("heading", { name: "Pending", exact: true }));
  expect(await overflow()).toBeLessThanOrEqual(0);
});
