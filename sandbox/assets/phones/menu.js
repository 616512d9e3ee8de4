// A menu that opens at a button or under the pointer. One at a time.

import { h, icon } from "./dom.js";

let open;

export function closeMenu() {
  if (!open) return;
  const { node, anchor } = open;
  open = undefined;
  node.remove();
  anchor?.setAttribute?.("aria-expanded", "false");
}

/** `items`: `{icon, label, bad, pick}` or nodes that are shown as they are. */
export function openMenu(anchor, items, point) {
  closeMenu();
  const pick = (action) => () => {
    closeMenu();
    action();
  };
  const node = h("div", { class: "menu", role: "menu" });
  for (const item of items.filter(Boolean)) {
    if (item instanceof Node) node.append(item);
    else
      node.append(
        h(
          "button",
          {
            type: "button",
            role: "menuitem",
            class: item.bad ? "item bad" : "item",
            onclick: pick(item.pick),
          },
          item.face ?? icon(item.icon),
          h("span", {}, item.label, item.more && h("small", {}, item.more)),
          item.badge,
        ),
      );
  }
  document.body.append(node);
  place(node, point ?? below(anchor));
  anchor.setAttribute("aria-expanded", "true");
  open = { node, anchor };
  node.querySelector("button")?.focus({ preventScroll: true });
}

function below(anchor) {
  const box = anchor.getBoundingClientRect();
  return { x: box.left, y: box.bottom + 6, above: box.top - 6 };
}

function place(node, { x, y, above }) {
  const box = node.getBoundingClientRect();
  const left = Math.max(8, Math.min(x, innerWidth - box.width - 8));
  const fits = y + box.height < innerHeight - 8;
  const top = fits ? y : Math.max(8, (above ?? y) - box.height);
  node.style.left = `${left}px`;
  node.style.top = `${top}px`;
}

/** The row of faces on top of a message's menu. */
export function faces(emojis, chosen, pick) {
  return h(
    "div",
    { class: "faces" },
    emojis.map((emoji) =>
      h(
        "button",
        {
          type: "button",
          "aria-pressed": String(emoji === chosen),
          "aria-label": `React with ${emoji}`,
          onclick: () => {
            closeMenu();
            pick(emoji === chosen ? null : emoji);
          },
        },
        emoji,
      ),
    ),
  );
}

addEventListener("pointerdown", (event) => {
  if (open && !open.node.contains(event.target)) closeMenu();
});

addEventListener("keydown", (event) => {
  if (!open) return;
  if (event.key === "Escape") {
    open.anchor?.focus?.();
    closeMenu();
    return;
  }
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...open.node.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  buttons[(at + step + buttons.length) % buttons.length]?.focus();
});

addEventListener("resize", closeMenu);
