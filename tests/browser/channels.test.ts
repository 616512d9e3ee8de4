/** Customers on pretend phones, the team at the console: each channel both ways, and its rules. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Agent } from "./support/agent.ts";
import { Phone, Sandbox } from "./support/phone.ts";
import { Server } from "./support/server.ts";
import { useStage } from "./support/stage.ts";
import { eventually, gone, LONG_PATIENCE, seen } from "./support/wait.ts";

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
const stage = useStage(() => server.base);
afterAll(() => server?.remove());

let agent: Agent;
let sandbox: Sandbox;

/** Ana of the demo, at her inbox. */
beforeEach(async () => {
  agent = new Agent(await stage().page(), server.base);
  await agent.api("POST", "/sign-in", server.login);
  await agent.go("");
  await seen(agent.page.getByRole("heading", { name: "All open" }));
  sandbox = await Sandbox.of(agent);
  await sandbox.heal();
});

const HOUR = 3600;
const CHANNELS = ["whatsapp", "messenger", "instagram", "telegram"] as const;

describe.each(CHANNELS)("%s", (channel) => {
  test("a customer and the team write to each other, with a file and an answer to one message", async () => {
    const mia: Phone = await sandbox.customer(channel, `Mia of ${channel}`);
    await mia.send("Is the blue vase in stock?");
    await agent.openConversation("Is the blue vase in stock?");
    await seen(agent.message("Is the blue vase in stock?"));

    await agent.say("It is, three of them.");
    await mia.hears("It is, three of them.");
    await mia.send({ text: "Lovely", media: { kind: "image", sample: "image" } });
    await seen(agent.message("Lovely").getByRole("img"), LONG_PATIENCE);

    await agent.choose("Lovely", "Reply");
    await agent.say("Shall I put one aside?");
    const asked = await mia.hears("Shall I put one aside?");
    expect(asked.reply_to).not.toBeNull();
  });

  test("the customer's reaction, and what they do to their own words, reach the console", async () => {
    const leo = await sandbox.customer(channel, `Leo of ${channel}`);
    const first = await leo.send("I need tow bowls");
    await agent.openConversation("I need tow bowls");
    await agent.say("Noted, Leo.");
    const noted = await leo.hears("Noted, Leo.");
    // A bot is not told of reactions in every chat, nor of what is deleted in its own.
    await leo.react(noted.id, "👍");
    await seen(agent.message("Noted, Leo.").getByText("👍"));
    if (channel !== "messenger") {
      await leo.edit(first, "I need two bowls");
      await seen(agent.message("I need two bowls").getByText("Edited"));
    }
    if (channel === "whatsapp" || channel === "instagram") {
      await leo.delete(first);
      await seen(agent.page.getByText("This message was deleted"));
    }
  });
});

test("WhatsApp tells how far a message has come", async () => {
  const zoe = await sandbox.customer("whatsapp", "Zoe");
  await zoe.send("Hello there, it is Zoe");
  await agent.openConversation("Hello there, it is Zoe");
  await agent.say("Hello Zoe.");
  await agent.came("Hello Zoe.", "Delivered", LONG_PATIENCE);
  await zoe.read();
  await agent.came("Hello Zoe.", "Read", LONG_PATIENCE);
});

test("after a day only a template may be sent, and it is right there", async () => {
  const ida = await sandbox.customer("whatsapp", "Ida");
  await ida.send("I will be back");
  await agent.openConversation("I will be back");
  await seen(agent.page.getByTestId("window").getByText("left to answer freely"));
  // Our own clock does not move: the customer is one who wrote more than a day ago.
  const old = await sandbox.post<{ id: string }>("/phones/api/people", {
    platform: "whatsapp",
    account: "106540352242922",
    name: "Otto",
  });
  await sandbox.advance(-25 * HOUR);
  const otto = new Phone(sandbox, old.id);
  await otto.send("That was yesterday");
  await sandbox.advance(25 * HOUR);
  await agent.openConversation("That was yesterday");
  const shut = agent.page.getByTestId("window");
  await seen(shut.getByText("Only approved templates can be sent now"));
  expect(await agent.field.isDisabled()).toBe(true);

  await shut.getByRole("button", { name: "Send a template" }).click();
  const dialog = agent.page.getByRole("dialog", { name: "Send a template" });
  await dialog.getByRole("button", { name: /order_update/ }).click();
  await dialog.getByLabel("Variable 1").fill("Otto");
  await dialog.getByLabel("Variable 2").fill("A-1042");
  await dialog.getByRole("button", { name: "Send", exact: true }).click();
  await gone(dialog);
  await eventually(async () => (await otto.heard()).join(" ")).toContain("A-1042");
  await seen(agent.message("A-1042"));
});

test("what the platform refuses is said with its reason, and can be sent again", async () => {
  const eva = await sandbox.customer("telegram", "Eva");
  await eva.send("Are you open?");
  await agent.openConversation("Are you open?");
  await sandbox.post(`/phones/api/${await only("Eva")}/block`, { on: true });
  await agent.say("We are, until six.");
  await seen(agent.message("We are, until six.").getByText("cannot be reached"), LONG_PATIENCE);
  await sandbox.post(`/phones/api/${await only("Eva")}/block`, { on: false });
  await agent.message("We are, until six.").getByRole("button", { name: "Send again" }).click();
  await eva.hears("We are, until six.");
});

test("while a platform is down messages wait, and then arrive once and in order", async () => {
  const tom = await sandbox.customer("telegram", "Tom");
  await tom.send("Anybody home?");
  await agent.openConversation("Anybody home?");
  await sandbox.fault("telegram", "500");
  for (const text of ["One", "Two", "Three"]) await agent.say(text);
  await seen(agent.message("Three"));
  await sandbox.heal();
  await eventually(() => tom.heard(), LONG_PATIENCE).toEqual(["One", "Two", "Three"]);
});

test("buttons that the team offers are tapped by the customer", async () => {
  const kim = await sandbox.customer("whatsapp", "Kim");
  await kim.send("When can I come?");
  await agent.openConversation("When can I come?");
  await agent.page.getByRole("button", { name: "Offer buttons" }).click();
  await agent.page.getByRole("textbox", { name: "Button 1" }).fill("Morning");
  await agent.field.fill("What suits you?");
  await agent.send();
  const offer = await kim.hears("What suits you?");
  expect(offer.buttons.map(({ title }) => title)).toEqual(["Morning"]);
  await kim.tap(offer.id, offer.buttons[0]?.payload ?? "");
  await seen(agent.message("Morning").getByText("Tapped a button"));
});

test("the settings show the accounts, and how they are", async () => {
  await agent.go("/settings/channels");
  for (const name of ["WhatsApp", "Messenger", "Instagram", "Telegram"]) {
    await seen(agent.page.getByRole("list", { name: "Channels" }).getByText(name));
  }
  await agent.go("/settings/templates");
  await seen(agent.page.getByRole("list", { name: "Templates" }).getByText("order_update"));
});

test.each(["messenger", "instagram"] as const)(
  "a comment on %s is answered for all to see, or by a private message",
  async (channel) => {
    const ada = await sandbox.customer(channel, `Ada of ${channel}`);
    await ada.send({ text: `How much is it on ${channel}?`, comment: true });
    await agent.openConversation(`How much is it on ${channel}?`);
    await seen(agent.page.getByText("Commented on a post"));
    await agent.say("It is 48 euros.");
    await ada.hears("It is 48 euros.");
    await agent.page.getByRole("radio", { name: "Private message" }).check({ force: true });
    await seen(agent.page.getByText("Only they read it"));
    await agent.say("I kept one for you.");
    await ada.hears("I kept one for you.");
    await seen(agent.message("I kept one for you.").getByText("Private reply"));
    // The next answer is for all to see again, unless chosen anew.
    expect(await agent.page.getByRole("radio", { name: "Public reply" }).isChecked()).toBe(true);
  },
);

test("a conversation says on which channel it is held", async () => {
  const pia = await sandbox.customer("telegram", "Pia");
  await pia.send("Is it raining?");
  await agent.openConversation("Is it raining?");
  const header = agent.page.locator("header").filter({ hasText: "Pia" });
  await seen(header.getByText("Telegram · Kiln & Clay"));
});

test("coming back from a platform, the settings say what became of it, once", async () => {
  const { page } = agent;
  await agent.go(
    "/settings/channels?connected=2&problem=Outlet%3A%20refused&problem=Depot%3A%20gone",
  );
  await seen(page.getByText("2 accounts are connected."));
  const trouble = page.getByRole("alert").filter({ hasText: "These could not be connected" });
  expect(await trouble.getByRole("listitem").allInnerTexts()).toEqual([
    "Outlet: refused",
    "Depot: gone",
  ]);
  await page.reload();
  await seen(page.getByRole("list", { name: "Channels" }));
  await gone(page.getByText("2 accounts are connected."));
});

test("after signing in at a platform, people choose what is connected", async () => {
  const { page } = agent;
  const chosen: unknown[] = [];
  await page.route("**/api/v1/channels/sign-in/ticket", async (route) => {
    if (route.request().method() === "POST") {
      chosen.push(route.request().postDataJSON());
      await route.fulfill({ json: { accounts: ["acc_1"], problems: [] } });
      return;
    }
    const choice = (id: string, name: string) => ({ id, name, handle: null });
    const choices = [choice("1", "Kiln & Clay"), choice("2", "Outlet")];
    await route.fulfill({ json: { kind: "facebook_page", choices } });
  });
  await agent.go("/settings/channels?sign_in=ticket");
  const dialog = page.getByRole("dialog", { name: "What shall be connected?" });
  await seen(dialog.getByRole("button", { name: "Connect 2 accounts" }));
  await dialog.getByRole("checkbox", { name: "All of them" }).click();
  expect(await dialog.getByRole("button", { name: "Connect" }).isDisabled()).toBe(true);
  await dialog.getByRole("checkbox", { name: "Outlet" }).click();
  await dialog.getByRole("button", { name: "Connect 1 account" }).click();
  await gone(dialog);
  expect(chosen).toEqual([{ ids: ["2"] }]);
  await seen(page.getByText("One account is connected."));
});

test("a WhatsApp number is brought in Meta's own window, also after it went wrong", async () => {
  const { page } = agent;
  await agent.go("/settings/channels");
  await page.getByRole("button", { name: "Connect an account" }).click();
  await page.getByRole("button", { name: "Continue with Meta" }).click();
  await seen(page.getByRole("heading", { name: "Connect WhatsApp" }));

  /** Opens Meta's window and answers it. */
  const inWindow = async (choice: string | null) => {
    const opened = page.waitForEvent("popup");
    await page.getByRole("button", { name: "Continue with Meta" }).click();
    const meta = await opened;
    await seen(meta.getByText("This is the sandbox"));
    if (choice === null) await meta.close();
    else await meta.getByRole("button", { name: choice }).click();
  };
  const trouble = page.getByRole("alert");
  await inWindow("Leave");
  await seen(trouble.getByText("before the number was verified"));
  await inWindow("Run into an error");
  await seen(trouble.getByText("The display name is not allowed."));
  await inWindow(null);
  await seen(trouble.getByText("was closed before it was done"), LONG_PATIENCE);
  expect(await page.getByRole("checkbox").isChecked()).toBe(false);

  await inWindow("A new number");
  await seen(page.getByText("One account is connected."), LONG_PATIENCE);
  await seen(page.getByRole("list", { name: "Channels" }).getByText("Kiln & Clay Outlet"));
  // Meta's script stayed on its own page.
  const scripts = await page.evaluate(() => [...document.scripts].map(({ src }) => src));
  expect(scripts.filter((src) => src !== "" && !src.startsWith(server.base))).toEqual([]);
});

test("a page of Meta's window that is not of this session says so", async () => {
  await agent.page.goto(`${agent.base}/embedded-signup?state=old`);
  await seen(agent.page.getByRole("alert").getByText("begin again"));
  await agent.page.getByRole("link", { name: "Back to the channels" }).click();
  await seen(agent.page.getByRole("button", { name: "Connect an account" }));
});

test("a ticket that is too old says so", async () => {
  await agent.go("/settings/channels?sign_in=old");
  const dialog = agent.page.getByRole("dialog", { name: "What shall be connected?" });
  await seen(dialog.getByRole("alert"));
});

/** The phone of the one who has this name. */
async function only(name: string): Promise<string> {
  const { phones } = await (await fetch(`${sandbox.base}/phones/api/state`)).json();
  return phones.find((phone: { person: { name: string } }) => phone.person.name === name).id;
}
