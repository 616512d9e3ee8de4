/** Every page and state, photographed. Told by the demo's own conversations. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, test } from "vitest";
import { Agent } from "./support/agent.ts";
import { hand, type Sent, text } from "./support/files.ts";
import { Phone, Sandbox } from "./support/phone.ts";
import { Server } from "./support/server.ts";
import { useStage, type Where } from "./support/stage.ts";
import { Visitor } from "./support/visitor.ts";
import { gone, seen, still } from "./support/wait.ts";

const FOLDER = process.env.SWITCHBOARD_SHOTS ?? "shots";
const DESK = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const DARK = { ...DESK, colorScheme: "dark" } as const;

let server: Server;
beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  server = await Server.start();
});
const stage = useStage(() => server.base);
afterAll(() => server?.remove());

async function shot(page: Page, name: string): Promise<void> {
  await still(page);
  await page.waitForTimeout(350); // what the compositor still has to draw
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
}

async function ana(where: Where = DESK): Promise<Agent> {
  const agent = new Agent(await stage().page(where), stage().base);
  await agent.api("POST", "/sign-in", server.login);
  await agent.go("");
  await seen(agent.row(/./));
  return agent;
}

async function guest(where: Where = DESK): Promise<Visitor> {
  const visitor = new Visitor(await stage().page(where));
  await visitor.page.goto(`${stage().base}/demo`);
  await seen(visitor.launcher);
  return visitor;
}

/** A photograph of a vase: the still life of the demo's shop, all of it or what is wide of it. */
async function vase(wide = false): Promise<Sent> {
  const page = await stage().page({ viewport: { width: 1400, height: 900 } });
  await page.goto(`${stage().base}/demo`);
  const still = page.locator(".still");
  const box = await still.boundingBox();
  if (!box) throw new Error("the shop has no still life");
  const { x, y, width, height } = box;
  const clip = { x: x + 2, y: y + height * 0.3, width: width - 4, height: height * 0.66 };
  const buffer = wide ? await page.screenshot({ clip }) : await still.screenshot();
  await page.close();
  return { name: "shelf.png", mimeType: "image/png", buffer };
}

/** A conversation with some of everything. */
async function talk(visitor: Visitor, agent: Agent): Promise<void> {
  await visitor.open();
  await visitor.say(
    "Hi! Is the tall sea vase food safe inside? I would use it for a sourdough starter.",
  );
  await agent.openConversation(/sourdough starter/);
  await agent.say("Hello! Yes: the sea glaze is lead free and fired at 1240 °C.");
  await seen(visitor.message("lead free"));
  await agent.note("Same question as Hana’s last week. We should put it on the product page.");
  await visitor.say("Wonderful. This is the shelf it has to fit on:");
  await visitor.panel.locator("input[type=file]").setInputFiles([await vase()]);
  await seen(visitor.panel.locator(".chip img"));
  await visitor.send();
  await seen(agent.page.getByRole("button", { name: "Open image shelf.png" }));
  await agent.message("Wonderful").hover();
  await agent.message("Wonderful").getByRole("button", { name: "Reply to this message" }).click();
  await agent.say("It is 31 cm tall and 18 cm wide. I attach the drawing.");
  await agent.page
    .getByTestId("file-input")
    .setInputFiles([text("tide-vase-drawing.txt", "31 x 18 ".repeat(900))]);
  await agent.send();
  await seen(visitor.panel.getByRole("link", { name: /drawing/ }));
  await visitor.choose("31 cm tall", "React with ❤️");
  await seen(agent.page.getByRole("button", { name: /❤️ from/ }));
}

test("for the README", async () => {
  const agent = await ana();
  const ben = new Agent(await stage().page(DESK), stage().base);
  await ben.api("POST", "/sign-in", { ...server.login, email: "ben@kiln.example" });
  await ben.go("");
  const visitor = await guest();
  await visitor.open();
  await visitor.say("Hi! Is the tall sea vase food safe inside?");
  await agent.openConversation("food safe");
  const id = /cnv_\w+/.exec(agent.page.url())?.[0];
  const { conversation } = await (await agent.api("GET", `/conversations/${id}`)).json();
  const clara = { name: "Clara Jensen", email: "clara@mail.example", phone: "+45 20 12 34 56" };
  await agent.api("PATCH", `/contacts/${conversation.contact}`, clara);
  const { me } = { me: await (await agent.api("GET", "/me")).json() };
  const labels = await (await agent.api("GET", "/labels")).json();
  const question = labels.find(({ name }: { name: string }) => name === "Question");
  await agent.api("PATCH", `/conversations/${id}`, {
    assign: { member: me.member.id },
    add_labels: [question.id],
  });
  await agent.say("Hello Clara! Yes, the sea glaze is lead free.");
  await seen(visitor.message("lead free"));
  await ben.openConversation("lead free");
  await ben.note("Third time this week. Let us put it on the product page.");
  await ben.go("");
  await visitor.panel.locator("input[type=file]").setInputFiles([await vase(true)]);
  await visitor.field.fill("Wonderful. Then it goes on this shelf:");
  await visitor.send();
  await seen(agent.page.getByRole("button", { name: "Open image shelf.png" }));
  await agent.say("A good home. It is 31 cm tall and 18 cm wide.");
  await visitor.choose("31 cm tall", "React with ❤️");
  await agent.came("31 cm tall", "Read");
  await visitor.field.pressSequentially("And ");
  await seen(agent.page.getByText("Clara Jensen is typing"));
  await shot(agent.page, "readme-console");
  await visitor.field.fill("");
  await visitor.page
    .locator(".strip code")
    .last()
    .evaluate((code) => {
      code.textContent = "••••••••••••";
    });
  await shot(visitor.page, "readme-widget");
});

test("signing in", async () => {
  for (const [kind, where] of Object.entries({ light: DESK, dark: DARK, phone: PHONE })) {
    const page = await stage().page(where);
    await page.goto(`${stage().base}/console/sign-in`);
    await seen(page.getByLabel("Email"));
    await shot(page, `console-sign-in-${kind}`);
    if (kind === "phone") continue;
    await page.goto(`${stage().base}/console/sign-up`);
    await seen(page.getByLabel("Workspace name"));
    await page.getByRole("button", { name: "Create workspace" }).click();
    await page.waitForLoadState("networkidle");
    await shot(page, `console-sign-up-${kind}`);
  }
});

test("the console and the widget, talking", async () => {
  const agent = await ana();
  await shot(agent.page, "console-inbox-light");
  const visitor = await guest();
  await shot(visitor.page, "widget-closed");
  await visitor.open();
  await shot(visitor.page, "widget-open-empty");
  await visitor.close();
  await talk(visitor, agent);
  await visitor.field.pressSequentially("And ");
  await shot(agent.page, "console-conversation-light");
  await visitor.field.fill("");
  await shot(visitor.page, "widget-conversation-light");
  await agent.field.pressSequentially("Of course");
  await seen(visitor.panel.getByRole("status", { name: /is typing/ }));
  await shot(visitor.page, "widget-typing");
  await agent.field.fill("");

  await visitor.message("31 cm tall").hover();
  await visitor.choose("31 cm tall");
  await shot(visitor.page, "widget-menu");
  await visitor.page.keyboard.press("Escape");
  await visitor.panel.getByRole("button", { name: "Insert emoji" }).click();
  await shot(visitor.page, "widget-emoji");
  await visitor.page.keyboard.press("Escape");
  await hand(visitor.field, "paste", await vase());
  await hand(visitor.field, "paste", text("order 10482 with a rather long name.txt", "Paid"));
  await visitor.choose("lead free", "Reply");
  await visitor.field.fill("Like this one?");
  await shot(visitor.page, "widget-composing");
  await visitor.send();
  await visitor.panel.getByRole("button", { name: "View shelf.png" }).first().click();
  await seen(visitor.page.getByRole("dialog", { name: "shelf.png" }));
  await shot(visitor.page, "widget-lightbox");
  await visitor.page.keyboard.press("Escape");
  await visitor.context.setOffline(true);
  await visitor.say("I am on the train now");
  await shot(visitor.page, "widget-offline");
  await visitor.context.setOffline(false);
  await visitor.came("on the train", "Read", 30_000);

  await visitor.page.emulateMedia({ colorScheme: "dark" });
  await shot(visitor.page, "widget-conversation-dark");
  await agent.page.emulateMedia({ colorScheme: "dark" });
  await shot(agent.page, "console-conversation-dark");
  await agent.page.emulateMedia({ colorScheme: "light" });

  const wonderful = agent.message("Wonderful").first();
  await wonderful.hover();
  await wonderful.getByRole("button", { name: "More about" }).click();
  await shot(agent.page, "console-message-menu");
  await agent.page.keyboard.press("Escape");
  await agent.page.getByRole("button", { name: "Change status" }).click();
  await shot(agent.page, "console-status-menu");
  await agent.page.keyboard.press("Escape");
  await agent.page.getByRole("button", { name: "Labels" }).first().click();
  await shot(agent.page, "console-label-menu");
  await agent.page.keyboard.press("Escape");
  await agent.page.getByRole("tab", { name: "Note" }).click();
  await agent.field.fill("Ask Ben whether the next firing is on Friday.");
  await hand(agent.field, "paste", await vase());
  await hand(agent.field, "paste", text("glazes.csv", "sea,1240"));
  await seen(agent.page.getByText("glazes.csv"));
  await shot(agent.page, "console-composing-note");
  await agent.page
    .getByRole("button", { name: "Insert emoji" })
    .or(agent.page.getByRole("button", { name: "Emoji" }))
    .first()
    .click();
  await seen(agent.page.getByRole("dialog", { name: "Emoji" }));
  await agent.page.waitForTimeout(300);
  await shot(agent.page, "console-emoji");
  await agent.page.keyboard.press("Escape");
  await agent.page.getByRole("button", { name: "Open image shelf.png" }).first().click();
  await seen(agent.page.getByRole("dialog").getByRole("img", { name: "shelf.png" }));
  await shot(agent.page, "console-lightbox");
  await agent.page.keyboard.press("Escape");
  await agent.context.setOffline(true);
  await agent.page.getByRole("tab", { name: "Reply" }).click();
  await agent.say("Safe travels!");
  await seen(agent.page.getByText("Offline since"));
  await shot(agent.page, "console-offline");
  await agent.context.setOffline(false);
  await gone(agent.page.getByText("Offline since"), 30_000);
});

test("the console's other places", async () => {
  const agent = await ana();
  const { page } = agent;
  await page
    .getByRole("link", { name: /Hana|Lucía|Tom|order/ })
    .first()
    .click()
    .catch(() => {});
  await shot(page, "console-story");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await seen(page.getByRole("dialog"));
  await shot(page, "console-help");
  await page.keyboard.press("Escape");
  await gone(page.getByRole("dialog"));
  await page.keyboard.press("Control+k");
  await seen(page.getByRole("dialog"));
  await shot(page, "console-palette");
  await page.keyboard.press("Escape");
  await agent.go("/search?q=order");
  await seen(page.getByRole("list", { name: "Search results" }));
  await shot(page, "console-search");
  await agent.go("/search?q=zeppelin");
  await seen(page.getByText("No messages found"));
  await shot(page, "console-search-none");
  for (const view of ["mine", "pending", "snoozed", "resolved"]) {
    await agent.go(`/inbox/${view}`);
    await page.waitForLoadState("networkidle");
    await shot(page, `console-view-${view}`);
  }
  for (const section of ["profile", "tokens", "workspace", "team", "labels", "widget"]) {
    await agent.go(`/settings/${section}`);
    await page.waitForLoadState("networkidle");
    await shot(page, `console-settings-${section}`);
  }
  await page.emulateMedia({ colorScheme: "dark" });
  await shot(page, "console-settings-widget-dark");
  await page.setViewportSize({ width: 1280, height: 2000 });
  await shot(page, "console-settings-widget-whole-dark");
  const { owner } = await stage().team(DESK);
  await shot(owner.page, "console-new-workspace");
  await owner.go("/settings/labels");
  await shot(owner.page, "console-settings-labels-empty");
  await owner.go("/settings/team");
  await owner.page.getByLabel("Email").fill("ben@kiln.example");
  await owner.page.getByRole("button", { name: "Create invitation" }).click();
  await seen(owner.page.getByRole("group", { name: "Invitation link" }));
  await shot(owner.page, "console-invited");
  await owner.page.goto(await owner.copied("Invitation link"));
  await seen(owner.page.getByRole("heading", { name: /Join/ }));
  await shot(owner.page, "console-join");
});

test("on a phone, on a tablet, and in Arabic", async () => {
  const agent = await ana(PHONE);
  await shot(agent.page, "console-phone-inbox");
  await agent.row(/./).first().tap();
  await seen(agent.field);
  await shot(agent.page, "console-phone-conversation");
  await agent.page.getByRole("button", { name: "Contact details" }).tap();
  await shot(agent.page, "console-phone-contact");
  await agent.page.keyboard.press("Escape");
  await agent.page.getByRole("button", { name: "Back to inbox" }).tap();
  await agent.page.getByRole("button", { name: "Open navigation" }).tap();
  await shot(agent.page, "console-phone-nav");
  await agent.go("/settings/widget");
  await agent.page.waitForLoadState("networkidle");
  await shot(agent.page, "console-phone-settings");

  const tablet = await ana({ viewport: { width: 900, height: 700 } });
  await tablet.row(/./).first().click();
  await seen(tablet.field);
  await shot(tablet.page, "console-tablet");

  const visitor = await guest(PHONE);
  await shot(visitor.page, "widget-phone-closed");
  await visitor.launcher.tap();
  await seen(visitor.field);
  await visitor.field.fill("Do you have a shop in Lyon?");
  await visitor.send();
  await visitor.came("Lyon", "Delivered");
  await shot(visitor.page, "widget-phone");
  await visitor.page.emulateMedia({ colorScheme: "dark" });
  await shot(visitor.page, "widget-phone-dark");

  const arab = await guest({ ...DESK, locale: "ar-EG" });
  await arab.launcher.click();
  await seen(arab.field);
  await arab.say("مرحبا، هل تشحنون إلى القاهرة؟");
  const desk = await ana();
  await desk.openConversation("القاهرة");
  await desk.say("نعم، خلال أسبوع واحد.");
  await desk.say("The parcel is tracked.");
  await seen(arab.message("tracked"));
  await arab.field.fill("شكرا");
  await shot(arab.page, "widget-arabic");
  await arab.page.evaluate(() => {
    document.documentElement.dir = "rtl";
  });
  await shot(arab.page, "widget-arabic-page");
  await shot(desk.page, "console-arabic-visitor");
  for (const locale of ["hi-IN", "zh-CN", "de-DE"]) {
    const other = await guest({ ...DESK, locale });
    await other.launcher.click();
    await seen(other.field);
    await shot(other.page, `widget-${locale}`);
  }
});

test("what belongs to the channels", async () => {
  const agent = await ana();
  const { page } = agent;
  const sandbox = await Sandbox.of(agent);
  const connection = { connection: "BkShots", bot: "7000000001", owner: 520_000_009 };
  await sandbox.post("/control/telegram/connection", { ...connection, owner_name: "Mira Clay" });
  await sandbox.post("/control/telegram/connection", { ...connection, can_reply: false });
  const nora = await sandbox.customer("whatsapp", "Nora Lind");
  await nora.send({ text: "Is this one in stock?", media: { kind: "image", sample: "image" } });
  await agent.openConversation("Is this one in stock?");
  await agent.say("It is. Shall I keep it for you?");
  await nora.hears("It is. Shall I keep it for you?");
  await shot(page, "channels-whatsapp");
  await page.getByRole("button", { name: "Send a template" }).first().click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /order_update/ })
    .click();
  await shot(page, "channels-template-picker");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Offer buttons" }).click();
  await shot(page, "channels-offer");
  const ada = await sandbox.customer("instagram", "Ada Moss");
  await ada.send({ text: "How much is the tall one?", comment: true });
  await agent.openConversation("How much is the tall one?");
  await seen(page.getByText("Commented on a post"));
  await shot(page, "channels-comment");
  for (const section of ["channels", "templates", "dead-letters"]) {
    await agent.go(`/settings/${section}`);
    await page.waitForLoadState("networkidle");
    await shot(page, `channels-settings-${section}`);
  }
  const nerea = await sandbox.post<{ id: string }>("/phones/api/people", {
    platform: "telegram",
    account: "BkShots",
    name: "Nerea Ruiz",
  });
  await new Phone(sandbox, nerea.id).send("Is Mira there?");
  await agent.go("");
  await agent.openConversation("Is Mira there?");
  await shot(page, "channels-business");
  await agent.go("/settings/channels");
  await page.getByRole("button", { name: "Connect an account" }).click();
  await shot(page, "channels-connect");
  await page.getByRole("button", { name: "Continue with Meta" }).click();
  await seen(page.getByRole("heading", { name: "Connect WhatsApp" }));
  await shot(page, "channels-signup");
  await page.emulateMedia({ colorScheme: "dark" });
  await shot(page, "channels-signup-dark");
  await page.setViewportSize(PHONE.viewport);
  await shot(page, "channels-signup-phone");
  await agent.go("/settings/channels");
  await page.waitForLoadState("networkidle");
  await shot(page, "channels-settings-phone-dark");
});
