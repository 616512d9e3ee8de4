// One message, as a bubble.

import { clock, h, icon, linked } from "./dom.js";
import { openMenu } from "./menu.js";
import { isBig } from "./platforms.js";

/** `context`: the app, the thread by id, and what the customer can do. */
export function bubble(message, context) {
  if (message.deleted)
    return h(
      "div",
      { class: "bubble gone" },
      h("span", { class: "text" }, "This message was deleted"),
      stamp(message, context),
    );
  const big =
    message.kind === "sticker" ||
    (message.kind === "text" && !message.reply_to && isBig(message.text ?? ""));
  if (big) return sticker(message, context);
  return h(
    "div",
    { class: "bubble" },
    origin(message),
    quote(message, context),
    header(message),
    media(message),
    card(message),
    message.text && h("span", { class: "text" }, linked(message.text)),
    stamp(message, context),
    message.footer && h("span", { class: "footer" }, message.footer),
  );
}

function sticker(message, context) {
  const image = message.media?.[0];
  return h(
    "div",
    { class: "bubble bare" },
    image
      ? h("img", { class: "photo", src: local(image.url), alt: message.text ?? "Sticker" })
      : h("div", { class: "sticker" }, message.text),
    stamp(message, context),
  );
}

/** Where it came from when it did not begin in the chat. */
function origin(message) {
  const words = {
    comment: [
      "comment",
      message.from === "customer" ? "Comment on a post" : "Answer to the comment",
    ],
    story_reply: ["story", "Replied to the story"],
    story_mention: ["at", "Mentioned the business in a story"],
    private_reply: ["comment", "Answers your comment in private"],
  }[message.kind];
  if (!words) return undefined;
  const picture =
    message.story?.url && h("img", { src: local(message.story.url), alt: "The story" });
  return h("div", { class: "post" }, icon(words[0]), words[1], picture);
}

/** Files come from where the page came from, whatever name the sandbox has for itself. */
function local(url) {
  const { pathname, search } = new URL(url, location.href);
  return pathname + search;
}

function quote(message, { byId, business }) {
  if (!message.reply_to) return undefined;
  const target = byId.get(message.reply_to);
  const who = target?.from === "customer" ? "You" : business;
  return h(
    "span",
    { class: "quote" },
    h("b", {}, target ? who : "Message"),
    h("span", {}, target ? summary(target) : "An earlier message"),
  );
}

export function summary(message) {
  const word = {
    image: "📷 Photo",
    video: "🎬 Video",
    voice: "🎤 Voice message",
    audio: "🎵 Audio",
    document: "📄 Document",
    location: "📍 Location",
    contact: "👤 Contact",
  }[message.kind];
  return message.text || message.header || word || "Message";
}

function header(message) {
  return message.header && h("b", { class: "title" }, message.header);
}

function media(message) {
  const all = message.media ?? [];
  const images = all.filter((one) => one.kind === "image");
  const rest = all.filter((one) => one.kind !== "image").map(one);
  if (images.length > 1) return [h("div", { class: "album" }, images.map(one)), rest];
  return [...images.map(one), rest];
}

function one(item) {
  if (item.kind === "image")
    return h("img", { class: "photo", src: local(item.url), alt: item.name ?? "Photo" });
  if (item.kind === "video")
    return h("video", {
      class: "photo",
      src: local(item.url),
      controls: true,
      preload: "metadata",
    });
  if (item.kind === "voice" || item.kind === "audio") return voice(item);
  return h(
    "a",
    { class: "card", href: local(item.url), target: "_blank", download: item.name ?? "" },
    h("span", { class: "sign" }, icon("doc")),
    h("span", {}, h("b", {}, item.name ?? "Document"), h("small", {}, size(item.size))),
  );
}

function size(bytes) {
  if (!bytes) return "Document";
  return bytes < 1_000_000
    ? `${Math.max(1, Math.round(bytes / 1000))} kB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

const BARS = 30;

/** A voice note. Its wave is drawn from its name, for nobody looks that closely. */
function voice(item) {
  const audio = new Audio();
  audio.preload = "metadata";
  audio.src = local(item.url);
  const bars = Array.from({ length: BARS }, (_, index) => {
    const seed = Math.abs(Math.sin((index + 1) * 12.9 + item.url.length * 3.1) * 43.7) % 1;
    return h("i", { style: { height: `${22 + seed * 78}%` } });
  });
  const time = h("time", {}, "0:00");
  const button = h("button", { type: "button", "aria-label": "Play" }, icon("play"));
  const show = () => {
    const seconds = Math.floor(
      audio.currentTime || (Number.isFinite(audio.duration) ? audio.duration : 0),
    );
    time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const done = audio.duration ? (audio.currentTime / audio.duration) * BARS : 0;
    bars.forEach((bar, index) => void bar.classList.toggle("done", index < done));
    button.replaceChildren(icon(audio.paused ? "play" : "pause"));
  };
  for (const event of ["loadedmetadata", "timeupdate", "play", "pause", "ended"])
    audio.addEventListener(event, show);
  button.addEventListener("click", () =>
    audio.paused ? audio.play().catch(() => {}) : audio.pause(),
  );
  return h("div", { class: "voice" }, button, h("span", { class: "wave" }, bars), time);
}

function card(message) {
  const { location: place, contact } = message;
  if (place)
    return [
      h("div", { class: "map", role: "img", "aria-label": "Map" }, icon("pin")),
      h("b", { class: "title" }, place.name ?? "Location"),
      h(
        "small",
        {},
        place.address ?? `${place.latitude.toFixed(4)}, ${place.longitude.toFixed(4)}`,
      ),
    ];
  if (contact)
    return h(
      "div",
      { class: "card" },
      h("span", { class: "sign" }, icon("person")),
      h("span", {}, h("b", {}, contact.name), h("small", {}, contact.phone)),
    );
  return undefined;
}

function stamp(message, { app }) {
  if (!app.stamps) return undefined;
  const mark =
    app.ticks &&
    message.from === "customer" &&
    { sent: "tick", delivered: "ticks", read: "ticks" }[message.status];
  return h(
    "span",
    { class: message.status === "read" ? "stamp read" : "stamp" },
    message.edited && "edited ",
    clock(message.at),
    mark && icon(mark),
  );
}

/** Buttons under a message: a grid where the app has rows, otherwise one below the other. */
export function taps(message, tap) {
  const below = ({ form }) => form !== "quick_reply" && form !== "keyboard";
  const buttons = (message.buttons ?? []).filter(below);
  if (message.deleted || buttons.length === 0) return undefined;
  const listed = buttons.filter((button) => button.form === "row");
  const lines = new Map();
  for (const [index, button] of buttons.entries()) {
    if (button.form === "row") continue;
    const row = button.row ?? index;
    lines.set(row, [...(lines.get(row) ?? []), button]);
  }
  return h(
    "div",
    { class: "taps" },
    [...lines.values()].map((line) =>
      h(
        "div",
        { class: "line" },
        line.map((button) => tapped(button, tap)),
      ),
    ),
    listed.length > 0 && list(message.list ?? "Choose", listed, tap),
  );
}

/** A list shows its rows when it is opened. */
function list(title, rows, tap) {
  const button = h("button", { type: "button", "aria-haspopup": "menu" }, icon("list"), title);
  const items = rows.map((row) => ({
    icon: "reply",
    label: row.title,
    more: row.description,
    pick: () => tap(row),
  }));
  button.addEventListener("click", () => openMenu(button, items));
  return button;
}

function tapped(button, tap) {
  if (!button.url) return h("button", { type: "button", onclick: () => tap(button) }, button.title);
  const link = { href: button.url, target: "_blank", rel: "noreferrer noopener" };
  return h("a", link, button.title, icon("link"));
}
