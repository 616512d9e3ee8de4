// One phone on the desk: its body, whose it is, the chat with the business.

import { act, addPerson, changeConnection } from "./api.js";
import { Composer } from "./composer.js";
import { clock, face, h, icon, toast } from "./dom.js";
import { openMenu } from "./menu.js";
import { PLATFORMS } from "./platforms.js";
import { Thread } from "./thread.js";

/** How long the apps show that someone is typing. */
const TYPING_MS = 5200;

export class Phone {
  constructor(platform, refresh) {
    this.platform = platform;
    this.app = PLATFORMS[platform];
    this.refresh = refresh;
    this.people = [];
    this.seen = new Set();
    this.thread = new Thread(this.app, this.deeds());
    this.composer = new Composer(this.app, platform, (verb, body) => this.act(verb, body));
    this.owner = h("button", {
      type: "button",
      class: "owner",
      "aria-haspopup": "menu",
      onclick: () => this.choose(),
    });
    this.window = h("span", { class: "window" });
    this.time = h("time");
    this.head = h("div", { class: "head" });
    this.foot = h("div");
    const bars = [4, 6, 8, 10].map((height) => h("i", { style: { height: `${height}px` } }));
    const status = h(
      "div",
      { class: "status", "aria-hidden": "true" },
      this.time,
      h(
        "span",
        { class: "bits" },
        h("span", { class: "signal" }, bars),
        h("span", { class: "battery" }, h("i")),
      ),
    );
    const screen = h(
      "div",
      { class: "screen", "data-app": platform },
      status,
      this.head,
      this.thread.node,
      this.foot,
    );
    this.node = h(
      "section",
      { class: "stand", "aria-label": this.app.name, "data-platform": platform },
      h("div", { class: "caption" }, this.owner, this.window),
      h("div", { class: "device" }, screen, h("div", { class: "island" })),
    );
  }

  deeds() {
    return {
      react: (message, emoji) => this.act("react", { message: message.id, emoji }),
      reply: (message) => this.composer.reply(message),
      edit: (message) => this.composer.edit(message),
      remove: (message) => this.act("delete", { message: message.id }),
      tap: (message, button) =>
        this.act("tap", { message: message.id, payload: button.payload ?? button.title }),
    };
  }

  async act(verb, body) {
    await act(this.current.id, verb, body).catch(() => {});
    this.refresh(this.current.id);
  }

  get unread() {
    return this.people.reduce((sum, phone) => sum + unread(phone), 0);
  }

  show(people, now) {
    this.people = people;
    this.now = now;
    const kept = people.find((phone) => phone.id === this.current?.id);
    this.current = kept ?? people[0];
    this.node.hidden = !this.current;
    if (!this.current) return;
    this.draw();
  }

  draw() {
    const { current: phone, app, now } = this;
    const others = this.people
      .filter((one) => one !== phone)
      .reduce((sum, one) => sum + unread(one), 0);
    const badge =
      others > 0 && h("span", { class: "badge", title: "For other people" }, String(others));
    this.owner.replaceChildren(
      face(phone.person.name),
      h("span", {}, phone.person.name),
      badge || "",
      icon("down"),
    );
    this.time.textContent = clock(now);
    this.drawWindow();
    this.drawHead();
    this.drawFoot(app, phone);
    this.thread.show(phone, now);
    this.read();
    clearTimeout(this.typing);
    if (phone.typing) this.typing = setTimeout(() => this.refresh(phone.id), TYPING_MS);
  }

  drawWindow() {
    const until = this.current.window_open_until;
    this.window.hidden = this.platform === "telegram";
    const hours = until ? (new Date(until) - new Date(this.now)) / 3_600_000 : 0;
    const open = hours > 0;
    this.window.classList.toggle("closed", !open);
    const left = hours >= 1 ? `${Math.floor(hours)} h` : `${Math.ceil(hours * 60)} min`;
    this.window.textContent = open ? `${left} to answer` : until ? "Window closed" : "Never wrote";
    this.window.title = "How long the business may still answer freely";
  }

  drawHead() {
    const { business, typing } = this.current;
    const calls = this.platform === "telegram" ? [] : ["video", "call"];
    this.head.replaceChildren(
      h("span", { class: "go", style: { width: "22px" } }, icon("back")),
      face(business),
      h(
        "div",
        { class: "who" },
        h("strong", {}, business),
        h("small", { class: typing ? "busy" : "" }, typing ? "typing …" : this.app.online),
      ),
      ...calls.map((name) => h("span", { class: "go", "aria-hidden": "true" }, icon(name))),
      this.more(),
    );
  }

  more() {
    const button = h(
      "button",
      {
        type: "button",
        class: "go",
        "aria-label": "More about this chat",
        "aria-haspopup": "menu",
      },
      icon("dots"),
    );
    const { blocked, business, connection } = this.current;
    button.addEventListener("click", () =>
      openMenu(button, [
        {
          icon: "block",
          label: blocked ? "Unblock" : "Block",
          bad: !blocked,
          pick: () => this.act("block", { on: !blocked }),
        },
        ...(connection ? this.owners(business, connection) : []),
      ]),
    );
    return button;
  }

  /** What the person whose own account it is can change about the bot that answers for them. */
  owners(name, { id, enabled, can_reply }) {
    const change = (label, bad, change) => ({
      icon: bad ? "block" : "plus",
      label: `${name} ${label}`,
      bad,
      pick: () =>
        changeConnection({ connection: id, ...change })
          .then(() => this.refresh(this.current.id))
          .catch((error) => toast(error.message)),
    });
    return [
      enabled
        ? change("switches the bot off", true, { enabled: false })
        : change("switches the bot on", false, { enabled: true }),
      can_reply
        ? change("lets the bot listen only", true, { can_reply: false })
        : change("lets the bot answer", false, { can_reply: true }),
    ];
  }

  drawFoot(app, phone) {
    const state = phone.blocked
      ? "blocked"
      : app.starts && phone.thread.length === 0
        ? "start"
        : "write";
    if (this.footState === state) return;
    this.footState = state;
    const unblock = h(
      "button",
      { type: "button", onclick: () => this.act("block", { on: false }) },
      "Unblock",
    );
    const start = h(
      "button",
      { type: "button", class: "start", onclick: () => this.act("send", { text: "/start" }) },
      "START",
    );
    this.foot.replaceChildren(
      {
        blocked: h("div", { class: "blocked" }, "You blocked this business. ", unblock),
        start,
        write: this.composer.node,
      }[state],
    );
  }

  /** Whoever looks at a message has read it. */
  read() {
    const fresh = this.current.thread.filter(
      (message) => isUnread(message) && !this.seen.has(message.id),
    );
    if (fresh.length === 0 || document.hidden || !this.isInView()) return;
    for (const message of fresh) this.seen.add(message.id);
    act(this.current.id, "read").catch(() => {});
  }

  isInView() {
    const box = this.node.getBoundingClientRect();
    return box.right > 20 && box.left < innerWidth - 20;
  }

  choose() {
    const items = this.people.map((phone) => ({
      face: face(phone.person.name),
      label: phone.person.name,
      badge: unread(phone) > 0 ? h("b", { class: "badge" }, String(unread(phone))) : "",
      pick: () => {
        this.current = phone;
        this.footState = undefined;
        this.composer.clear();
        this.draw();
      },
    }));
    openMenu(this.owner, [
      ...items,
      { icon: "plus", label: "Someone new …", pick: () => this.add() },
    ]);
  }

  async add() {
    const name = prompt("What is their name?")?.trim();
    if (!name) return;
    try {
      const { id } = await addPerson(this.platform, this.current.account, name);
      this.current = { ...this.current, id };
      this.footState = undefined;
      this.refresh();
    } catch (error) {
      toast(error.message);
    }
  }
}

const isUnread = (message) =>
  message.from === "business" && message.status !== "read" && !message.deleted;
const unread = (phone) => phone.thread.filter(isUnread).length;
