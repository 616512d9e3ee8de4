// Puts the phones on the desk and keeps them as the sandbox says.

import { listen, state } from "./api.js";
import { h, icon, toast } from "./dom.js";
import { Faults } from "./faults.js";
import { Phone } from "./phone.js";
import { ORDER, PLATFORMS } from "./platforms.js";

/** Changes that come closer than this are fetched together. */
const TOGETHER_MS = 30;

const desk = document.getElementById("desk");
const tabs = document.getElementById("tabs");
const known = new Map();
const phones = new Map();
let changed = new Set();

/** Fetches what changed: one phone, or everything when no id is given. */
function refresh(id) {
  if (changed.size === 0) setTimeout(fetchChanged, TOGETHER_MS);
  changed.add(id);
}

async function fetchChanged() {
  const ids = changed;
  changed = new Set();
  try {
    const answers = ids.has(undefined) ? [await state()] : await Promise.all([...ids].map(state));
    if (ids.has(undefined)) known.clear();
    for (const phone of answers.flatMap((answer) => answer.phones)) known.set(phone.id, phone);
    draw(answers.at(-1).now);
  } catch (error) {
    toast(`The sandbox does not answer: ${error.message}`);
  }
}

function draw(now) {
  for (const platform of ORDER) {
    const people = [...known.values()].filter((phone) => phone.platform === platform);
    if (people.length === 0) continue;
    if (!phones.has(platform)) place(platform);
    phones.get(platform).show(people, now);
    drawTab(platform);
  }
  const business = known.values().next().value?.business;
  if (business) document.getElementById("subtitle").textContent = `Customers of ${business}`;
}

function place(platform) {
  const phone = new Phone(platform, refresh);
  if (phones.size === 0) desk.replaceChildren();
  phones.set(platform, phone);
  desk.append(phone.node);
  const tab = h("button", { type: "button", "data-tab": platform, "aria-selected": "false" });
  tab.addEventListener("click", () =>
    phone.node.scrollIntoView({ behavior: "smooth", inline: "center", block: "nearest" }),
  );
  tabs.append(tab);
  watcher.observe(phone.node);
}

function drawTab(platform) {
  const { unread } = phones.get(platform);
  const tab = tabs.querySelector(`[data-tab="${platform}"]`);
  tab.replaceChildren(
    PLATFORMS[platform].name,
    unread > 0 ? h("span", { class: "badge" }, String(unread)) : "",
  );
}

/** On a small screen: says which phone is in front, and that its messages are being read. */
const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const { platform } = target.dataset;
      tabs
        .querySelector(`[data-tab="${platform}"]`)
        ?.setAttribute("aria-selected", String(isIntersecting));
      if (isIntersecting) phones.get(platform)?.current && phones.get(platform).read();
    }
  },
  { root: desk, threshold: 0.6 },
);

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) for (const phone of phones.values()) phone.current && phone.read();
});

document.getElementById("mark").append(icon("phone"));
const theme = document.getElementById("theme");
const dark = () =>
  (document.documentElement.dataset.theme ??
    (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

function drawTheme(choice) {
  if (choice) document.documentElement.dataset.theme = choice;
  theme.replaceChildren(icon(dark() ? "sun" : "moon"));
}

theme.addEventListener("click", () => {
  const choice = dark() ? "light" : "dark";
  localStorage.setItem("theme", choice);
  drawTheme(choice);
});
drawTheme(localStorage.getItem("theme"));

const switches = new Faults(document.getElementById("faults"), refresh);
listen((id) => {
  refresh(id);
  switches.load();
});
refresh();
