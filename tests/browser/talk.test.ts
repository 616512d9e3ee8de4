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
  await visitor.close();
  await agent.say("Express takes two.");
  await agent.came("Express takes two.", "Delivered");
  await seen(visitor.launcher.getByText("1", { exact: true }));
  await visitor.open();
  await agent.came("Express takes two.", "Read");
  await eventually(() => visitor.launcher.textContent()).toBe("");
  // The greeting is the fourth.
  expect(await visitor.panel.locator("li.row").count()).toBe(4);
});

test("each sees that the other is typing", async () => {
  const { visitor, agent } = await stage().conversation();
  await visitor.field.pressSequentially("Hm");
  await seen(agent.page.getByRole("status").getByText("is typing"));
  await agent.field.pressSequentially("Well");
  await seen(visitor.panel.getByRole("status", { name: "Ana Ruiz is typing" }));
  await agent.field.fill("");
  await gone(visitor.panel.getByRole("status", { name: "Ana Ruiz is typing" }));
});

test("a note reaches neither the visitor's page nor the visitor's socket", async () => {
  const { visitor, agent } = await stage().conversation("May I return it?");
  await agent.note("Careful: returned four vases already");
  await agent.say("Of course you may.");
  await seen(visitor.message("Of course you may."));
  expect(await visitor.panel.innerText()).not.toContain("four vases");
  expect(visitor.frames.join("\n")).toContain("Of course you may.");
  expect(visitor.frames.join("\n")).not.toContain("four vases");
  await visitor.page.reload();
  await visitor.open();
  await seen(visitor.message("Of course you may."));
  expect(await visitor.page.content()).not.toContain("four vases");
  expect(await visitor.panel.innerText()).not.toContain("four vases");
  expect(visitor.frames.join("\n")).not.toContain("four vases");
});

test("what one edits changes for the other", async () => {
  const { visitor, agent } = await stage().conversation("I need two mugs");
  await visitor.choose("I need two mugs", "Edit");
  await visitor.say("I need three mugs");
  await seen(agent.message("I need three mugs").getByText("Edited"));
  await agent.say("Tree mugs, noted.");
  await seen(visitor.message("Tree mugs, noted."));
  await agent.choose("Tree mugs, noted.", "Edit");
  const edit = agent.page.getByRole("textbox", { name: "Edit message" });
  await edit.fill("Three mugs, noted.");
  await edit.press("Enter");
  await seen(visitor.message("Three mugs, noted.").getByText("edited"));
  expect(await visitor.panel.innerText()).not.toContain("Tree mugs");
});

test("what one deletes is gone for the other", async () => {
  const { visitor, agent } = await stage().conversation("My card number is 4111");
  await visitor.choose("My card number is 4111", "Delete", "Delete for everyone?");
  await seen(agent.message("This message was deleted"));
  await gone(agent.message("4111"));
  await agent.say("Wrong window, sorry");
  await seen(visitor.message("Wrong window, sorry"));
  await agent.choose("Wrong window, sorry", "Delete");
  await agent.page.getByRole("button", { name: "Delete", exact: true }).click();
  await gone(visitor.message("Wrong window, sorry"));
  await eventually(() => visitor.message("This message was deleted").count()).toBe(2);
});

test("reactions of both are counted and can be taken back", async () => {
  const { visitor, agent } = await stage().conversation("The bowl arrived!");
  await agent.message("The bowl arrived!").hover();
  await agent.message("The bowl arrived!").getByRole("button", { name: "React" }).click();
  await agent.page.getByRole("button", { name: "React with 👍" }).click();
  await seen(visitor.message("The bowl arrived!").getByRole("button", { name: "👍, 1 reaction" }));
  await visitor.choose("The bowl arrived!", "React with 👍");
  await seen(visitor.message("The bowl arrived!").getByRole("button", { name: "👍, 2 reactions" }));
  const both = agent.message("The bowl arrived!").getByRole("button", { name: /👍 from/ });
  await eventually(() => both.textContent()).toContain("2");
  await visitor
    .message("The bowl arrived!")
    .getByRole("button", { name: /2 reactions/ })
    .click();
  await eventually(() => both.textContent()).toBe("👍");
  await both.click();
  await gone(visitor.message("The bowl arrived!").getByRole("button", { name: /reaction/ }));
});

test("an answer shows the message that it answers, on both sides", async () => {
  const { visitor, agent } = await stage().conversation("Is the plate flat?");
  await visitor.say("And is it heavy?");
  await seen(agent.message("And is it heavy?"));
  await agent.message("Is the plate flat?").hover();
  const reply = { name: "Reply to this message" };
  await agent.message("Is the plate flat?").getByRole("button", reply).click();
  await agent.say("As flat as a lake.");
  await seen(visitor.message("As flat as a lake.").getByText("Is the plate flat?"));
  await visitor.choose("As flat as a lake.", "Reply");
  await seen(visitor.panel.getByText("Replying to Ana Ruiz"));
  await visitor.say("Then I take it.");
  await seen(agent.message("Then I take it.").getByText("As flat as a lake."));
});
