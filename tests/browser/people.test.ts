import { expect, test } from "vitest";
import { Agent } from "./support/agent.ts";
import { PASSWORD, useStage } from "./support/stage.ts";
import { eventually, seen } from "./support/wait.ts";

const stage = useStage();

test("an owner signs up and invites a colleague, who takes a conversation before both eyes", async () => {
  const owner = new Agent(await stage().page(), stage().base);
  const stamp = Date.now();
  await owner.go("/sign-up");
  await owner.page.getByLabel("Workspace name").fill("Kiln & Clay");
  await owner.page.getByLabel("Your name").fill("Ana Ruiz");
  await owner.page.getByLabel("Email").fill(`ana${stamp}@kiln.example`);
  await owner.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await owner.page.getByRole("button", { name: "Create workspace" }).click();
  await seen(owner.page.getByRole("heading", { name: "All open" }));

  await owner.go("/settings/team");
  await owner.page.getByLabel("Email").fill(`ben${stamp}@kiln.example`);
  await owner.page.getByRole("button", { name: "Create invitation" }).click();
  const link = await owner.copied("Invitation link");

  const colleague = new Agent(await stage().page(), stage().base);
  await colleague.page.goto(link);
  await seen(colleague.page.getByRole("heading", { name: "Join Kiln & Clay" }));
  await colleague.page.getByLabel("Your name").fill("Ben Okafor");
  await colleague.page.getByLabel("New password", { exact: true }).fill(PASSWORD);
  await colleague.page.getByRole("button", { name: "Join workspace" }).click();
  await seen(colleague.page.getByRole("heading", { name: "All open" }));
  await seen(owner.page.getByText("Ben Okafor").first());

  const { key } = await (await owner.api("GET", "/widget-settings")).json();
  const visitor = await stage().visitor({ key });
  await visitor.open();
  await visitor.say("Who is there?");
  await owner.go("");
  await owner.openConversation("Who is there?");
  await colleague.openConversation("Who is there?");
  await seen(owner.page.getByText("Ben Okafor is also here"));
  await owner.page.getByRole("button", { name: "Assign", exact: true }).click();
  await owner.page.getByRole("option", { name: "Ben Okafor" }).click();
  await seen(colleague.page.getByRole("button", { name: "Assigned to Ben Okafor" }));
  await seen(
    colleague.page
      .getByText("Ana Ruiz assigned this to you")
      .or(colleague.page.getByText("Ana Ruiz assigned this to Ben Okafor")),
  );
  await colleague.go("/inbox/mine");
  await seen(colleague.row("Who is there?"));
  await colleague.openConversation("Who is there?");
  await colleague.say("Ben is");
  await seen(visitor.message("Ben is").getByText("Ben Okafor"));
  await seen(owner.message("Ben is"));

  // A link works once.
  const stranger = await stage().page();
  await stranger.goto(link);
  await seen(stranger.getByRole("heading", { name: "This invitation cannot be used" }));
});

test("a wrong password is refused in words, and signing out ends every tab", async () => {
  const team = await stage().team();
  const other = await stage().again(team.owner);
  await other.go("");
  await seen(other.page.getByRole("heading", { name: "All open" }));
  await team.owner.page.getByRole("button", { name: /workspace menu/ }).click();
  await team.owner.page.getByRole("menuitem", { name: "Sign out" }).click();
  await seen(team.owner.page.getByRole("heading", { name: "Welcome back" }));
  await seen(other.page.getByRole("heading", { name: "Welcome back" }));
  const cookies = await team.owner.context.cookies();
  expect(cookies.map(({ name }) => name)).toEqual([]);
  await other.page.getByLabel("Email").fill(team.email);
  await other.page.getByLabel("Password", { exact: true }).fill("not the password");
  await other.page.getByRole("button", { name: "Sign in" }).click();
  await seen(other.page.getByText(/wrong|incorrect|do(es)? not match/i));
  await other.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await other.page.getByRole("button", { name: "Sign in" }).click();
  await seen(other.page.getByRole("heading", { name: "All open" }));
  await eventually(() => other.page.url()).toContain("/console/inbox");
});
