import { afterAll, beforeAll, expect, test } from "vitest";
import type { Agent } from "./support/agent.ts";
import { Server } from "./support/server.ts";
import { useStage } from "./support/stage.ts";
import type { Visitor } from "./support/visitor.ts";
import { eventually, gone, LONG_PATIENCE, seen } from "./support/wait.ts";

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
const stage = useStage(() => server.base);
afterAll(() => server?.remove());

/** The words of the conversation, in order, as each of them sees it. */
async function told({ visitor, agent }: { visitor: Visitor; agent: Agent }) {
  const words = (all: string[]) => all.map((one) => /\b[av]\d\b/.exec(one)?.[0] ?? one);
  return {
    visitor: words(await visitor.panel.locator("li.row .words").allInnerTexts()).slice(1),
    agent: words(await agent.page.getByRole("article").locator(".bubble").allInnerTexts()),
  };
}

test.for(["SIGTERM", "SIGKILL"] as const)(
  "after %s both pages come back by themselves, and nothing is lost or doubled",
  async (signal) => {
    const { visitor, agent } = await stage().conversation("v1");
    await agent.say("a1");
    await agent.came("a1", "Read");
    await Promise.all([visitor.say("v2"), agent.say("a2"), server.down(signal)]);
    await seen(agent.page.getByText(/Offline since|Connecting…/), LONG_PATIENCE);
    await agent.say("a3");
    await visitor.say("v3");
    await visitor.came("v3", "Waiting for connection");

    await server.up();
    await visitor.came("v3", "Read");
    await agent.came("a3", "Read", LONG_PATIENCE);
    await gone(agent.page.getByText(/Offline since|Connecting…/), LONG_PATIENCE);
    await gone(visitor.panel.locator(".banner"), LONG_PATIENCE);
    const both = { visitor, agent };
    const everything = ["a1", "a2", "a3", "v1", "v2", "v3"];
    await eventually(async () => (await told(both)).visitor.toSorted()).toEqual(everything);
    await eventually(async () => (await told(both)).agent.toSorted()).toEqual(everything);
    // Of one order for both, and the same after everything is fetched anew.
    const { visitor: order, agent: same } = await told(both);
    expect(same).toEqual(order);
    await agent.page.reload();
    await visitor.page.reload();
    await visitor.open();
    await eventually(() => told(both)).toEqual({ visitor: order, agent: order });
  },
);

test("an unsent message and the draft of a visitor survive a reload", async () => {
  const { visitor, agent } = await stage().conversation("Do you mend cups?");
  await visitor.came("Do you mend cups?", "Read");
  await server.down("SIGTERM");
  await visitor.say("Mine has a crack");
  await visitor.field.fill("half a sen");
  // The page is there and so is the widget, from the browser's cache; the server is not.
  await visitor.page.reload();
  await visitor.open();
  await visitor.came("Mine has a crack", "Waiting for connection");
  expect(await visitor.field.inputValue()).toBe("half a sen");

  await server.up();
  await seen(agent.message("Mine has a crack"), LONG_PATIENCE);
  await visitor.came("Mine has a crack", "Read", LONG_PATIENCE);
  expect(await agent.message("Mine has a crack").count()).toBe(1);
  expect(await visitor.message("Mine has a crack").count()).toBe(1);
  expect(await visitor.field.inputValue()).toBe("half a sen");
});
