import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { useStage } from "./support/stage.ts";
import { eventually, gone, seen } from "./support/wait.ts";

const stage = useStage();

/** Words that fill a screen with few messages. */
const long = (words: string) => words + "\nand on".repeat(14);

/** Whether all of it is where a person sees it. */
const inSight = async (what: Locator): Promise<boolean> =>
  (await what.count()) > 0 &&
  what.evaluate((el) => {
    const { top, bottom } = el.getBoundingClientRect();
    const frame = el.closest("[role=log]")?.getBoundingClientRect();
    return !!frame && top >= frame.top && bottom <= frame.bottom;
  });

test("search finds a word in an encrypted message and opens it where it was said", async () => {
  const { visitor, agent } = await stage().conversation("The celadon teapot drips");
  for (let n = 1; n <= 6; n++) await visitor.say(long(`filler ${n}`));
  await visitor.came("filler 6", "Read");
  await agent.note("Known fault of the celadon batch");
  await agent.page.keyboard.press("Escape");
  await agent.page.getByRole("link", { name: "Search" }).first().click();
  const box = agent.page.getByRole("searchbox", { name: "Search messages" });
  await box.fill("celadon drips");
  const results = agent.page.getByRole("list", { name: "Search results" });
  await seen(results.getByText("The celadon teapot drips"));
  await eventually(() => results.getByRole("listitem").count()).toBe(1);
  await box.fill("celadon");
  await eventually(() => results.getByRole("listitem").count()).toBe(2);
  await results.getByText("The celadon teapot drips").click();
  const found = agent.message("The celadon teapot drips");
  await seen(found);
  await eventually(() => inSight(found)).toBe(true);
  await box.fill("porcelain");
  await seen(agent.page.getByText("No messages found"));
});

test("what an agent sends is before their eyes, wherever they were reading", async () => {
  const { visitor, agent } = await stage().conversation("A long story");
  for (let n = 1; n <= 4; n++) await visitor.say(long(`chapter ${n}`));
  await visitor.came("chapter 4", "Read");
  await agent.message("chapter 4").hover();
  await agent.page.mouse.wheel(0, -5000);
  await seen(agent.page.getByRole("button", { name: "Jump to newest message" }));
  expect(await inSight(agent.message("chapter 4"))).toBe(false);
  await agent.say("What an ending");
  await eventually(() => inSight(agent.message("What an ending"))).toBe(true);
});

test("a snoozed conversation leaves the list and comes back by itself", async () => {
  const { agent } = await stage().conversation("Ask me again later");
  const id = /cnv_\w+/.exec(agent.page.url())?.[0];
  const until = new Date(Date.now() + 3000).toISOString();
  await agent.api("PATCH", `/conversations/${id}`, { status: { state: "snoozed", until } });
  await gone(agent.row("Ask me again later"));
  await seen(agent.page.getByText(/snoozed this until/));
  await seen(agent.row("Ask me again later"));
  await seen(agent.page.getByText("The conversation was reopened"));
});

test("a snooze is chosen from the menu, and a visitor's message ends it", async () => {
  const { visitor, agent } = await stage().conversation("Not today");
  await agent.field.press("Escape");
  await agent.page.keyboard.press("s");
  await agent.page.getByRole("menuitem", { name: /Tomorrow/ }).click();
  await gone(agent.row("Not today"));
  await agent.page.getByRole("link", { name: "Snoozed" }).click();
  await seen(agent.row("Not today"));
  await visitor.say("But tomorrow?");
  await gone(agent.row("Not today"));
  await agent.page.getByRole("link", { name: "All open" }).click();
  await seen(agent.row("But tomorrow?"));
  expect(await agent.row("But tomorrow?").count()).toBe(1);
});

test("a resolved conversation opens again when its visitor writes", async () => {
  const { visitor, agent } = await stage().conversation("All is well");
  await agent.page.getByRole("button", { name: "Resolve" }).click();
  await gone(agent.row("All is well"));
  await visitor.say("No, it is not");
  await seen(agent.row("No, it is not"));
  await seen(agent.message("No, it is not"));
});

test("what others write is counted until it is seen", async () => {
  const { team, visitor, agent } = await stage().conversation("One");
  await visitor.came("One", "Read");
  await agent.page.keyboard.press("Escape");
  await agent.page.keyboard.press("Escape");
  await gone(agent.field);
  const second = await stage().visitor(team);
  await second.open();
  await second.say("Hello from a second");
  await visitor.say("Two");
  await visitor.say("Three");
  await seen(agent.row("Three").getByText("2unread"));
  await eventually(() => agent.page.title()).toContain("(2)");
  await agent.openConversation("Three");
  await gone(agent.row("Three").getByText("unread"));
  await eventually(() => agent.page.title()).toContain("(1)");
});
