/** The workspace's colours as variables, and what an earlier run of the app left. */

import { parseColor, printColor, type Rgb, readableOn, textOn, WHITE } from "../color.ts";

/** The surface of the dark panel, as in style.css. */
const DARK: Rgb = [24, 25, 29];

/** Both themes' shades of one brand colour, all readable. */
export function shades(color: string): string {
  const brand = parseColor(color);
  // A nearly black brand would vanish on the dark panel, a nearly white one on the light.
  const own = { light: readableOn(brand, WHITE, 1.5), dark: readableOn(brand, DARK, 1.9) };
  const rule = (selector: string, fill: Rgb, surface: Rgb) => {
    const on = textOn(fill);
    const variables = {
      brand: fill,
      "on-brand": on,
      // Away from its text, so that a gradient only adds contrast.
      away: textOn(on),
      accent: readableOn(brand, surface, 5),
    };
    const lines = Object.entries(variables).map(([name, rgb]) => `--${name}:${printColor(rgb)}`);
    return `${selector}{${lines.join(";")}}`;
  };
  return rule(".frame", own.light, WHITE) + rule(".frame.dark", own.dark, DARK);
}

/** Takes away what an earlier run of the app added; the first sheet is the loader's. */
export function reset(root: ShadowRoot): void {
  if (root.adoptedStyleSheets) root.adoptedStyleSheets = root.adoptedStyleSheets.slice(0, 1);
}
