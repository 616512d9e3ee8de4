import { expect, test } from "vitest";
import { useStage } from "./support/stage.ts";
import { eventually, gone, seen } from "./support/wait.ts";

const stage = useStage();

test("both write and see how far their words have come", async () => {
  const { visitor, agent } = await stage().conversation("Do you ship to Norway?");
  await visitor.came("Do you ship to Norway?", "Read");
  await agent.say("We do, within four days.");
  await seen(visitor.message("We do, within four days."));
  await agent.came("We do, within four days.", "Read");
  await visitor.page.getByRole("button", { name: "Close chat" }).first().click();
  await gone(visitor.panel);
  await agent.say("Express takes two.");
  await agent.came("Express takes two.", "Delivered");
  await seen(visitor.launcher.getByText("1", { exact: true }));
  await visitor.open();
  await agent.came("Express takes two.", "Read");
  await eventually(() => visitor.launcher.textContent()).toBe("");
  expect(await visitor.panel.locator("li.row").count()).toBe(4); // the greeting among them
});
