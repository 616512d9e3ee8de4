import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { picture } from "./support/files.ts";
import { useStage } from "./support/stage.ts";
import { seen, still } from "./support/wait.ts";

const stage = useStage();
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds that keeps people out, in words. Of the dark only the colours are asked. */
async function barriers(page: Page, scheme: "light" | "dark" = "light"): Promise<string[]> {
  await still(page);
  // Evaluated by the debugger, so that the page's policy does not hinder it.
  await page.evaluate(AXE);
  const found = await page.evaluate(
    (options) =>
      (self as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run(
        options,
      ),
    (scheme === "dark" ? { runOnly: ["color-contrast"] } : {}) as RunOptions,
  );
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")} ${failureSummary}`),
    );
}

test.for(["light", "dark"] as const)("the console keeps nobody out, %s", async (colorScheme) => {
  const where = { colorScheme, viewport: { width: 1280, height: 800 } };
  const team = await stage().team(where);
  const { owner } = team;
  const { page } = owner;
  const found: Record<string, string[]> = {};
  found.empty = await barriers(page, colorScheme);
  const visitor = await stage().visitor(team);
  await visitor.open();
  await visitor.say("Is it in stock? https://shop.example");
  await visitor.panel.locator("input[type=file]").setInputFiles([picture("it.png")]);
  await visitor.send();
  await owner.openConversation("1 file");
  await owner.say("It is");
  await owner.note("The last one");
  await owner.message("It is").hover();
  await owner
    .message(/^.*It is/)
    .first()
    .getByRole("button", { name: "React" })
    .click();
  await page.getByRole("button", { name: "React with 👍" }).click();
  await seen(page.getByRole("button", { name: /👍 from/ }));
  found.conversation = await barriers(page, colorScheme);
  await owner.field.press("Escape");
  await page.keyboard.press("?");
  await seen(page.getByRole("dialog"));
  found.help = await barriers(page, colorScheme);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await seen(page.getByRole("dialog", { name: "Command palette" }));
  found.palette = await barriers(page, colorScheme);
  await page.keyboard.press("Escape");
  await owner.go("/search?q=stock");
  await seen(page.getByRole("list", { name: "Search results" }));
  found.search = await barriers(page, colorScheme);
  for (const section of [
    "profile",
    "tokens",
    "workspace",
    "team",
    "labels",
    "widget",
    "channels",
    "templates",
    "dead-letters",
  ]) {
    await owner.go(`/settings/${section}`);
    await seen(page.getByRole("main").getByRole("heading").first());
    await page.waitForLoadState("networkidle");
    found[section] = await barriers(page, colorScheme);
  }
  const stranger = await stage().page(where);
  for (const path of ["sign-in", "sign-up"]) {
    await stranger.goto(`${stage().base}/console/${path}`);
    await seen(stranger.getByLabel("Email"));
    found[path] = await barriers(stranger, colorScheme);
  }
  const none = Object.fromEntries(Object.keys(found).map((view) => [view, []]));
  expect(found).toEqual(none);
});

test.for(["light", "dark"] as const)("the open chat keeps nobody out, %s", async (colorScheme) => {
  const team = await stage().team();
  const visitor = await stage().visitor(team, { colorScheme });
  await visitor.open();
  const found: Record<string, string[]> = {};
  found.empty = await barriers(visitor.page, colorScheme);
  await visitor.say("Is it in stock? https://shop.example");
  await team.owner.openConversation("Is it in stock?");
  await team.owner.say("It is");
  await seen(visitor.message("It is"));
  await visitor.panel.locator("input[type=file]").setInputFiles([picture("it.png")]);
  await seen(visitor.panel.locator(".chip img"));
  found.chips = await barriers(visitor.page, colorScheme);
  await visitor.send();
  await seen(visitor.panel.getByRole("button", { name: "View it.png" }));
  found.talk = await barriers(visitor.page, colorScheme);
  await visitor.choose("It is");
  await seen(visitor.panel.getByRole("menu"));
  found.menu = await barriers(visitor.page, colorScheme);
  await visitor.page.keyboard.press("Escape");
  await visitor.panel.getByRole("button", { name: "View it.png" }).click();
  await seen(visitor.page.getByRole("dialog", { name: "it.png" }));
  found.lightbox = await barriers(visitor.page, colorScheme);
  await visitor.page.keyboard.press("Escape");
  await visitor.context.setOffline(true);
  await visitor.say("Anybody?");
  await visitor.came("Anybody?", "Waiting for connection");
  found.offline = await barriers(visitor.page, colorScheme);
  const none = Object.fromEntries(Object.keys(found).map((view) => [view, []]));
  expect(found).toEqual(none);
});
