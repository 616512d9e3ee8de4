// The bar's switches: what goes wrong, and on which platform.

import { addFault, advance, faults, removeFaults } from "./api.js";
import { h, icon, toast } from "./dom.js";
import { ORDER, PLATFORMS } from "./platforms.js";

const SWITCHES = [
  {
    kind: "500",
    icon: "cloud",
    label: "Platform down",
    title: "Every call is answered with an error 500",
  },
  {
    kind: "timeout_after_accept",
    icon: "lost",
    label: "Answers lost",
    title: "Calls take effect, but their answer never arrives",
  },
  { kind: "429", icon: "slow", label: "Too fast", title: "Calls are refused for a while" },
  {
    kind: "revoked_token",
    icon: "key",
    label: "Token revoked",
    title: "The account's token is refused",
  },
  {
    kind: "hook_down",
    icon: "hook",
    label: "Hooks held",
    title: "What customers do is not told to the server until this is off",
  },
];

const DAY = 86_400;

export class Faults {
  constructor(node, refresh) {
    this.refresh = refresh;
    this.on = new Set();
    const options = ["all", ...ORDER].map((value) =>
      h("option", { value }, value === "all" ? "All platforms" : PLATFORMS[value].name),
    );
    this.where = h(
      "select",
      { "aria-label": "On which platform", onchange: () => this.draw() },
      options,
    );
    this.buttons = SWITCHES.map((one) =>
      h(
        "button",
        {
          type: "button",
          class: "fault",
          title: one.title,
          "aria-pressed": "false",
          onclick: () => this.toggle(one),
        },
        icon(one.icon),
        one.label,
      ),
    );
    const later = h(
      "button",
      {
        type: "button",
        class: "fault",
        title: "Turns the sandbox's clock on by a day: windows close",
        onclick: () => this.later(),
      },
      icon("day"),
      "A day later",
    );
    node.append(h("label", { class: "fault" }, this.where), ...this.buttons, later);
    this.load();
  }

  get platforms() {
    return this.where.value === "all" ? ORDER : [this.where.value];
  }

  async load() {
    try {
      const all = await faults();
      this.on = new Set(
        all.flatMap((fault) =>
          (fault.platform ? [fault.platform] : ORDER).map((p) => `${p}/${fault.kind}`),
        ),
      );
      this.draw();
    } catch {
      // The switches stay as they are until the sandbox answers again.
    }
  }

  isOn(kind) {
    return this.platforms.every((platform) => this.on.has(`${platform}/${kind}`));
  }

  draw() {
    SWITCHES.forEach(
      (one, index) =>
        void this.buttons[index].setAttribute("aria-pressed", String(this.isOn(one.kind))),
    );
  }

  async toggle({ kind }) {
    const off = this.isOn(kind);
    const wanted = this.platforms;
    try {
      await removeFaults((fault) => fault.kind === kind && wanted.includes(fault.platform));
      if (!off) for (const platform of wanted) await addFault({ platform, kind });
    } catch (error) {
      toast(error.message);
    }
    await this.load();
  }

  async later() {
    try {
      await advance(DAY);
      this.refresh();
      toast("It is a day later.", false);
    } catch (error) {
      toast(error.message);
    }
  }
}
