/** Puts the app's style sheet, and the workspace's colours as variables, into the shadow root. */

import { mix, parseColor, printColor, type Rgb, readableOn, textOn } from "../color.ts";
import type { LauncherLook } from "../contract.ts";
import css from "./style.css";

const LIGHT: Rgb = [255, 255, 255];
/** The surface of the dark panel, as in style.css. */
const DARK: Rgb = [24, 25, 29];

/** Both themes' shades of one brand colour, all readable. */
export function shades(color: string): string {
  const brand = parseColor(color);
  // A nearly black brand would vanish on the dark panel, a nearly white one on the light.
  const own = { light: readableOn(brand, LIGHT, 1.5), dark: readableOn(brand, DARK, 1.9) };
  const rule = (selector: string, fill: Rgb, surface: Rgb) => {
    const on = textOn(fill);
    const variables = {
      brand: fill,
      "on-brand": on,
      "on-brand-soft": readableOn(mix(on, fill, 0.2), fill),
      // Away from its text, so that the gradient only adds contrast.
      "brand-deep": mix(fill, textOn(on), 0.18),
      accent: readableOn(brand, surface, 5),
      tint: mix(surface, fill, 0.14),
    };
    const lines = Object.entries(variables).map(([name, rgb]) => `--${name}:${printColor(rgb)}`);
    return `${selector}{${lines.join(";")}}`;
  };
  return rule(".frame", own.light, LIGHT) + rule(".frame.dark", own.dark, DARK);
}

/** Idempotent: a second boot on the same root replaces the first one's sheet. */
export function adopt(root: ShadowRoot, look: LauncherLook): void {
  const text = css + shades(look.color);
  if (root.adoptedStyleSheets) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    root.adoptedStyleSheets = [root.adoptedStyleSheets[0] as CSSStyleSheet, sheet];
  } else {
    (root as ShadowRoot).querySelector("style + style")?.remove();
    (root as ShadowRoot)
      .querySelector("style")
      ?.after(Object.assign(document.createElement("style"), { textContent: text }));
  }
}
