import { expect, test } from "vitest";
import type { Agent } from "./support/agent.ts";
import { useStage } from "./support/stage.ts";
import { eventually, gone, seen } from "./support/wait.ts";

const stage = useStage();

test("what a visitor writes without a network waits, says so, and arrives once", async () => {
  const { visitor, agent } = await stage().conversation("Are you open today?");
  await visitor.came("Are you open today?", "Read");
  await visitor.context.setOffline(true);
  await seen(visitor.panel.getByText("You’re offline. Messages will go out when you’re back."));
  await visitor.say("I come by bike");
  await visitor.say("at around five");
  await visitor.came("I come by bike", "Waiting for connection");
  await agent.say("We are open until six.");
  await agent.came("We are open until six.", "Sent");
  expect(await visitor.message("We are open until six.").count()).toBe(0);
  expect(await agent.message("I come by bike").count()).toBe(0);

  await visitor.context.setOffline(false);
  await seen(visitor.message("We are open until six."));
  await visitor.came("at around five", "Read");
  await gone(visitor.panel.getByText("You’re offline"));
  await seen(agent.message("at around five"));
  for (const words of ["I come by bike", "at around five"]) {
    expect(await agent.message(words).count()).toBe(1);
    expect(await visitor.message(words).count()).toBe(1);
  }
});

test("what a visitor sends before the server has answered goes out when it has", async () => {
  const team = await stage().team();
  const visitor = await stage().visitor(team);
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await visitor.page.route("**/api/v1/widget/boot", async (route) => {
    await answered;
    await route.continue();
  });
  await visitor.open();
  await visitor.say("I am quick");
  expect(await visitor.field.inputValue()).toBe("I am quick");
  answer();
  await visitor.came("I am quick", "Delivered");
  expect(await visitor.field.inputValue()).toBe("");
  await seen(team.owner.row("I am quick"));
});

test("what an agent writes without a network waits, says so, and arrives once", async () => {
  const { visitor, agent } = await stage().conversation("Is anybody there?");
  await agent.context.setOffline(true);
  await seen(agent.page.getByText("Offline since"));
  await agent.say("One moment, please");
  const waits = "Waiting for the connection. It will be sent.";
  await seen(agent.message("One moment, please").getByText(waits));
  await visitor.say("Take your time");
  await visitor.came("Take your time", "Sent");
  expect(await visitor.message("One moment, please").count()).toBe(0);

  await agent.context.setOffline(false);
  await seen(visitor.message("One moment, please"));
  await seen(agent.message("Take your time"));
  await gone(agent.page.getByText("Offline since"));
  await gone(agent.message("One moment, please").getByText(waits));
  expect(await visitor.message("One moment, please").count()).toBe(1);
  expect(await agent.message("One moment, please").count()).toBe(1);
});

test("an unsent message and the draft of an agent survive that the page is closed", async () => {
  const { visitor, agent } = await stage().conversation("When will it come?");
  await visitor.came("When will it come?", "Read");
  await agent.context.setOffline(true);
  await agent.say("On Tuesday");
  await seen(agent.message("On Tuesday").getByText("Waiting for the connection"));
  await agent.field.fill("or perhaps");
  const kept = () => agent.page.evaluate(() => Object.values(localStorage).join());
  await eventually(kept).toContain("or perhaps");
  const address = agent.page.url();
  await agent.page.close();
  expect(await visitor.message("On Tuesday").count()).toBe(0);

  const back = await stage().again(agent);
  await back.context.setOffline(false);
  await back.page.goto(address);
  await seen(visitor.message("On Tuesday"));
  await eventually(() => back.field.inputValue()).toBe("or perhaps");
  await seen(back.message("On Tuesday"));
  await gone(back.page.getByText("Waiting for the connection"));
  expect(await visitor.message("On Tuesday").count()).toBe(1);
  expect(await back.message("On Tuesday").count()).toBe(1);
});

/** How many styles of a console file with this name stand in the page, -1 without the file. */
const stylesOf = (agent: Agent, name: string) =>
  agent.page.evaluate((name) => {
    const sheet = [...document.styleSheets].find((one) => one.href?.includes(name));
    return sheet ? sheet.cssRules.length : -1;
  }, name);

test.for(["css", "js"])(
  "a part of the console whose %s did not come follows by itself, with its looks",
  async (kind) => {
    const team = await stage().team({}, async (page) => {
      await page.route(`**/assets/PersonSection*.${kind}`, (route) => route.abort());
    });
    const visitor = await stage().visitor(team);
    await visitor.open();
    await visitor.say("Do you ship?");
    const agent = team.owner;
    await agent.openConversation("Do you ship?");
    await seen(agent.page.getByText("This part of the page has not come yet."));

    await agent.page.unrouteAll();
    await seen(agent.page.getByRole("button", { name: "Merge with another contact" }));
    await gone(agent.page.getByText("This part of the page has not come yet."));
    expect(await stylesOf(agent, "PersonSection")).toBeGreaterThan(0);
  },
);

test("what an agent has not opened before is there without a network", async () => {
  const { agent } = await stage().conversation("Can I pay by card?");
  await eventually(() => stylesOf(agent, "Settings")).toBeGreaterThan(0);
  await agent.context.setOffline(true);
  await seen(agent.page.getByText("Offline since"));
  await agent.page.getByRole("button", { name: "Emoji" }).click();
  await seen(agent.page.getByLabel("Search emoji"));
});

test("whom an update finds at work is offered the new console", async () => {
  const team = await stage().team({}, async (page) => {
    await page.route("**/assets/PersonSection*", (route) => route.fulfill({ status: 404 }));
  });
  const visitor = await stage().visitor(team);
  await visitor.open();
  await visitor.say("Is it new?");
  const agent = team.owner;
  await agent.page.route("**/console/inbox**", (route) =>
    route.fulfill({ contentType: "text/html", body: "<script src=/console/assets/other.js>" }),
  );
  await agent.openConversation("Is it new?");
  await seen(agent.page.getByText("Switchboard has been updated."));
  await agent.page.unrouteAll();
  await agent.page.getByRole("button", { name: "Reload" }).click();
  await seen(agent.page.getByRole("button", { name: "Merge with another contact" }));
});
