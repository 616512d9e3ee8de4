import { expect, test } from "vitest";
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
