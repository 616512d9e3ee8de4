import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { drawn, hand, picture, text } from "./support/files.ts";
import { useStage } from "./support/stage.ts";
import { eventually, gone, seen } from "./support/wait.ts";

const stage = useStage();

test("pictures go both ways and open large", async () => {
  const { visitor, agent } = await stage().conversation("It came broken");
  await visitor.panel.locator("input[type=file]").setInputFiles([picture("broken.png")]);
  await visitor.send();
  const there = agent.page.getByRole("button", { name: "Open image broken.png" });
  await eventually(() => drawn(there.getByRole("img"))).toBe(true);
  await there.click();
  const large = agent.page.getByRole("dialog").getByRole("img", { name: "broken.png" });
  await eventually(() => drawn(large)).toBe(true);
  await agent.page.keyboard.press("Escape");
  await gone(large);

  await hand(agent.field, "paste", picture("new.png", 300, 400));
  await seen(agent.page.getByRole("list", { name: "Attached files" }).getByText("new.png"));
  await agent.field.fill("This one is on its way");
  await agent.send();
  const here = visitor
    .message("This one is on its way")
    .getByRole("button", { name: "View new.png" });
  await eventually(() => drawn(here.getByRole("img"))).toBe(true);
  await here.click();
  const shown = visitor.page.getByRole("dialog", { name: "new.png" });
  await eventually(() => drawn(shown.getByRole("img"))).toBe(true);
  await visitor.page.keyboard.press("Escape");
  await gone(shown);
});

test("other files go both ways and are the same bytes at the other end", async () => {
  const { visitor, agent } = await stage().conversation("Here is my receipt");
  await hand(visitor.field, "drop", text("receipt.txt", "Paid: 62 €"));
  await seen(visitor.panel.locator(".chip").getByText("receipt.txt"));
  await visitor.send();
  const link = agent.page.getByRole("link", { name: /receipt\.txt/ });
  const address = (await link.getAttribute("href")) ?? "";
  expect(await (await fetch(address)).text()).toBe("Paid: 62 €");

  const tampered = address.replace(/s=[^&]{4}/, "s=AAAA");
  expect((await fetch(tampered)).status).toBe(403);

  await agent.page.getByTestId("file-input").setInputFiles([text("invoice.txt", "Thank you")]);
  await seen(agent.page.getByRole("list", { name: "Attached files" }).getByText("invoice.txt"));
  await agent.send();
  const answer = visitor.panel.getByRole("link", { name: /invoice\.txt/ });
  expect(await (await fetch((await answer.getAttribute("href")) ?? "")).text()).toBe("Thank you");
});

test("a file that is too large is refused in words, and the words stay", async () => {
  const { visitor } = await stage().conversation("A film of it");
  await visitor.field.fill("see here");
  const folder = mkdtempSync(join(tmpdir(), "switchboard-film-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "film.mp4"), "");
  truncateSync(join(folder, "film.mp4"), 26_300_000);
  await visitor.panel.locator("input[type=file]").setInputFiles(join(folder, "film.mp4"));
  await seen(visitor.panel.getByText("“film.mp4” is too large. The limit is"));
  expect(await visitor.field.inputValue()).toBe("see here");
});
