/** The button on the page: how it looks and what it says. What a press does is the loader's. */

import { parseColor, printColor, textOn } from "./color.ts";
import type { Host, LauncherLook } from "./contract.ts";
import css from "./loader.css";

const LABELS: Record<string, string> = {
  en: "Open chat",
  es: "Abrir el chat",
  fr: "Ouvrir le chat",
  de: "Chat öffnen",
  pt: "Abrir o chat",
  ar: "فتح المحادثة",
  hi: "चैट खोलें",
  zh: "打开聊天",
};
const BUBBLE = "M21 11.5a8.5 8.5 0 0 1-12.4 7.6L3 21l1.9-5.6A8.5 8.5 0 1 1 21 11.5Z";
const CHEVRON = "m5 9 7 7 7-7";

function drawing(path: string): SVGElement {
  const [svg, line] = ["svg", "path"].map((name) =>
    document.createElementNS("http://www.w3.org/2000/svg", name),
  ) as [SVGElement, SVGElement];
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** In the language of the page's wish, before the app has its words. */
export function firstLabel(wished: string | null): string {
  const language = (wished ?? navigator.language).slice(0, 2);
  return LABELS[language] ?? (LABELS.en as string);
}

export interface Launcher extends Pick<Host, "root" | "adopt" | "face"> {
  /** What is put on the page. */
  box: HTMLElement;
  button: HTMLButtonElement;
}

export function createLauncher({ color, position }: LauncherLook): Launcher {
  const box = document.createElement("switchboard-widget");
  const root = box.attachShadow({ mode: "open" });
  const button = document.createElement("button");
  const badge = document.createElement("span");

  function adopt(text: string): void {
    if (root.adoptedStyleSheets) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    } else {
      root.append(Object.assign(document.createElement("style"), { textContent: text }));
    }
  }

  const brand = parseColor(color);
  const colors = `:host{--brand:${printColor(brand)};--on-brand:${printColor(textOn(brand))}}`;
  adopt(css + colors);
  button.type = "button";
  button.className = `go ${position}`;
  button.append(drawing(BUBBLE), drawing(CHEVRON), badge);
  root.append(button);

  return {
    box,
    root,
    button,
    adopt,
    face(label, open, unread) {
      button.setAttribute("aria-label", label);
      button.setAttribute("aria-expanded", String(open));
      badge.textContent = unread ? (unread > 99 ? "99+" : String(unread)) : "";
    },
  };
}
