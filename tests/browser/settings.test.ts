import { expect, test } from "vitest";
import { useStage } from "./support/stage.ts";
import { eventually, seen } from "./support/wait.ts";

const stage = useStage();

const BLUE = "rgb(47, 91, 234)";
const GREEN = "rgb(14, 124, 102)";

test("a new colour shows in the preview at once, and on the page when the next one comes", async () => {
  const team = await stage().team();
  const { page } = team.owner;
  const visitor = await stage().visitor(team);
  const colorOf = (element: Element) => getComputedStyle(element).backgroundColor;
  expect(await visitor.launcher.evaluate(colorOf)).toBe(BLUE);
  await team.owner.go("/settings/widget");
  const preview = page.getByRole("figure", { name: "Preview of the widget" }).locator(".launcher");
  expect(await preview.evaluate(colorOf)).toBe(BLUE);
  await page.getByRole("button", { name: "Colour #0e7c66" }).click();
  await page.getByLabel("Greeting").fill("Ask the potters.");
  await seen(page.getByRole("figure").getByText("Ask the potters."));
  expect(await preview.evaluate(colorOf)).toBe(GREEN);
  await page.getByRole("button", { name: "Save" }).first().click();
  await seen(page.getByText("Saved"));

  // Browsers may keep the loader for a few minutes: this one has not been there.
  const next = await stage().visitor(team);
  expect(await next.launcher.evaluate(colorOf)).toBe(GREEN);
  await next.open();
  await seen(next.message("Ask the potters."));
});

test("a website that is not allowed cannot carry the widget", async () => {
  const team = await stage().team();
  const { page } = team.owner;
  await team.owner.go("/settings/widget");
  await seen(page.getByText("Any website may carry your widget."));
  await page.getByLabel("Add a website").fill("https://kiln.example");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await seen(
    page.getByRole("list", { name: "Allowed websites" }).getByText("https://kiln.example"),
  );
  const visitor = await stage().visitor(team);
  await visitor.launcher.click();
  await seen(visitor.panel.getByText("The chat isn’t available on this page."));

  await page.getByLabel("Add a website").fill(stage().shop.origin);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await seen(page.getByRole("list", { name: "Allowed websites" }).getByText(stage().shop.origin));
  await visitor.panel.getByRole("button", { name: "Try now" }).click();
  await visitor.say("Let in");
  await visitor.came("Let in", "Delivered");
});

test("a new label can be put on a conversation at once, by everybody", async () => {
  const { team, agent } = await stage().conversation("Which glaze is it?");
  const other = await stage().again(team.owner);
  await other.go("/settings/labels");
  await other.page.getByRole("button", { name: "New label" }).click();
  await other.page.getByLabel("Name", { exact: true }).fill("Glazes");
  await other.page.getByRole("button", { name: "Save" }).click();
  await seen(other.page.getByRole("list", { name: "Labels" }).getByText("Glazes"));

  await agent.field.press("Escape");
  await agent.page.keyboard.press("l");
  await agent.page.getByRole("option", { name: "Glazes" }).click();
  await seen(agent.row("Which glaze is it?").getByText("Glazes"));
  await agent.page.keyboard.press("Escape");
  await agent.page.getByRole("link", { name: "Glazes" }).first().click();
  await seen(agent.page.getByRole("heading", { name: "Glazes" }));
  await seen(agent.row("Which glaze is it?"));
});

test("a token is shown once and works as its owner", async () => {
  const team = await stage().team();
  const { page } = team.owner;
  await team.owner.go("/settings/tokens");
  await page.getByLabel("What is it for?").fill("Nightly report");
  await page.getByRole("button", { name: "Create token" }).click();
  const secret = await team.owner.copied("Token");
  const headers = { authorization: `Bearer ${secret}` };
  const me = () => fetch(`${stage().base}/api/v1/me`, { headers });
  expect((await (await me()).json()).member.name).toBe("Ana Ruiz");
  await page.reload();
  await seen(page.getByText("Nightly report"));
  expect(await page.content()).not.toContain(secret);
  await page
    .getByRole("button", { name: /Revoke/ })
    .first()
    .click();
  await page
    .getByRole("alertdialog")
    .or(page.getByRole("dialog"))
    .getByRole("button", { name: "Revoke" })
    .click();
  await eventually(async () => (await me()).status).toBe(401);
});
