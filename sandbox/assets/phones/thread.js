// The thread of one phone: rows are kept as long as their message stays as it is.

import { bubble, summary, taps } from "./bubble.js";
import { day, face, h, icon } from "./dom.js";
import { faces, openMenu } from "./menu.js";

const HOLD_MS = 450;
/** Messages closer than this belong together. */
const TOGETHER_MS = 180_000;

export class Thread {
  constructor(app, does) {
    this.app = app;
    this.does = does;
    this.rows = new Map();
    this.node = h("div", { class: "thread", role: "log", tabindex: "0", "aria-label": "Messages" });
    this.atEnd = true;
    this.node.addEventListener("scroll", () => {
      this.atEnd = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 60;
    });
    // Pictures arrive late, keyboards and composers grow: whoever read the end goes on doing so.
    this.sizes = new ResizeObserver(() => this.toEnd());
    this.sizes.observe(this.node);
    this.node.addEventListener("load", () => this.toEnd(), true);
  }

  show(phone, now) {
    const { node } = this;
    const other = this.phone !== phone.id;
    if (other) {
      this.rows.clear();
      this.atEnd = true;
    }
    this.phone = phone.id;
    const context = {
      app: this.app,
      business: phone.business,
      byId: new Map(phone.thread.map((message) => [message.id, message])),
    };
    node.replaceChildren(...this.lines(phone, context, now));
    this.toEnd();
  }

  toEnd() {
    if (this.atEnd) this.node.scrollTop = this.node.scrollHeight;
  }

  lines(phone, context, now) {
    const lines = [];
    const fresh = new Map();
    const { thread } = phone;
    if (thread.length === 0)
      lines.push(h("p", { class: "empty" }, `Nothing here yet. Say hello to ${phone.business}.`));
    thread.forEach((message, index) => {
      const before = thread[index - 1];
      const after = thread[index + 1];
      const newDay =
        !before || new Date(before.at).toDateString() !== new Date(message.at).toDateString();
      if (newDay) lines.push(h("span", { class: "day" }, day(message.at, now)));
      if (message.from === "service") lines.push(h("span", { class: "service" }, message.text));
      else {
        const place = [
          newDay || apart(before, message) ? "first" : "",
          !after || apart(message, after) ? "last" : "",
        ];
        lines.push(this.row(message, place, context, fresh));
      }
    });
    this.rows = fresh;
    if (this.app.seen && thread.at(-1)?.from === "customer" && thread.at(-1).status === "read")
      lines.push(h("span", { class: "under", style: { "align-self": "flex-end" } }, this.app.seen));
    const quick = (thread.at(-1)?.buttons ?? []).filter((button) =>
      ["quick_reply", "keyboard"].includes(button.form),
    );
    if (quick.length > 0) lines.push(this.chips(thread.at(-1), quick));
    if (phone.typing) lines.push(this.typing());
    return lines;
  }

  row(message, place, context, fresh) {
    const quoted = context.byId.get(message.reply_to);
    const key = JSON.stringify([message, place, quoted && summary(quoted)]);
    const kept = this.rows.get(message.id);
    const row = kept?.key === key ? kept.row : this.build(message, place, context);
    fresh.set(message.id, { key, row });
    return row;
  }

  build(message, place, context) {
    const own = message.from === "customer";
    const more = h(
      "button",
      { type: "button", class: "more", "aria-label": "More", "aria-haspopup": "menu" },
      icon("down"),
    );
    const reactions = message.reactions ?? [];
    const stack = h(
      "div",
      { class: "stack" },
      bubble(message, context),
      taps(message, (button) => this.does.tap(message, button)),
      reactions.length > 0 &&
        h("span", { class: "reactions" }, reactions.map((reaction) => reaction.emoji).join("")),
      !this.app.stamps && message.edited && h("span", { class: "under" }, "Edited"),
    );
    const names = ["row", own && "own", reactions.length > 0 && "reacted", ...place]
      .filter(Boolean)
      .join(" ");
    const row = h(
      "div",
      { class: names, "data-message": message.id },
      this.app.avatars && !own && face(context.business),
      stack,
      more,
    );
    if (!message.deleted) this.listen(row, more, message);
    else more.remove();
    return row;
  }

  /** Opens the menu on the arrow, on the right button, and on a long press. */
  listen(row, more, message) {
    const open = (point) => openMenu(more, this.items(message), point);
    more.addEventListener("click", () => open());
    row.querySelector(".stack").addEventListener("contextmenu", (event) => {
      event.preventDefault();
      open({ x: event.clientX, y: event.clientY });
    });
    let hold;
    row.addEventListener(
      "touchstart",
      ({ touches: [touch] }) => {
        hold = setTimeout(() => open({ x: touch.clientX, y: touch.clientY }), HOLD_MS);
      },
      { passive: true },
    );
    for (const end of ["touchend", "touchmove", "touchcancel"])
      row.addEventListener(end, () => clearTimeout(hold), { passive: true });
  }

  items(message) {
    const own = message.from === "customer";
    const mine = message.reactions?.find((reaction) => reaction.by === "customer")?.emoji;
    const { app, does } = this;
    return [
      faces(app.faces, mine, (emoji) => does.react(message, emoji)),
      { icon: "reply", label: "Reply", pick: () => does.reply(message) },
      message.text && {
        icon: "copy",
        label: "Copy",
        pick: () => navigator.clipboard?.writeText(message.text),
      },
      own &&
        app.edits &&
        message.kind === "text" && {
          icon: "pencil",
          label: "Edit",
          pick: () => does.edit(message),
        },
      own &&
        app.deletes && {
          icon: "trash",
          label: app.deletes,
          bad: true,
          pick: () => does.remove(message),
        },
    ];
  }

  chips(message, buttons) {
    return h(
      "div",
      { class: "chips" },
      buttons.map((button) =>
        h(
          "button",
          { type: "button", onclick: () => this.does.tap(message, button) },
          button.title,
        ),
      ),
    );
  }

  typing() {
    const dots = h(
      "div",
      { class: "bubble", "aria-label": "Is typing" },
      h("div", { class: "dots" }, h("i"), h("i"), h("i")),
    );
    return h(
      "div",
      { class: "row last" },
      this.app.avatars && face("Kiln Clay"),
      h("div", { class: "stack" }, dots),
    );
  }
}

function apart(one, other) {
  return one.from !== other.from || new Date(other.at) - new Date(one.at) > TOGETHER_MS;
}
