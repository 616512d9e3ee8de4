/** Colours that stay readable whatever brand colour a business picks (WCAG contrast). */

export type Rgb = readonly [number, number, number];

/** `#rrggbb` → its parts; anything else gives the default indigo. */
export function parseColor(hex: string): Rgb {
  const value = /^#[\da-f]{6}$/i.test(hex) ? Number.parseInt(hex.slice(1), 16) : 0x4f46e5;
  return [value >> 16, (value >> 8) & 255, value & 255];
}

export function printColor(rgb: Rgb): string {
  return `#${rgb.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** Relative luminance, 0 to 1. */
export function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((part) => {
    const c = part / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** 1 (none) to 21 (black on white). */
export function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a) + 0.05, luminance(b) + 0.05];
  return x > y ? x / y : y / x;
}

export const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];

/** White where it is readable on the colour, else black: one of them always is. */
export function textOn(background: Rgb): Rgb {
  return contrast(WHITE, background) >= 4.5 ? WHITE : BLACK;
}

function mix(a: Rgb, b: Rgb, part: number): Rgb {
  const blend = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * part);
  return [blend(0), blend(1), blend(2)];
}

/** The colour, moved towards black or white just far enough to be read on the background. */
export function readableOn(color: Rgb, background: Rgb, least = 4.5): Rgb {
  const away = luminance(background) > 0.18 ? BLACK : WHITE;
  for (let part = 0; part < 1; part += 0.05) {
    const shade = mix(color, away, part);
    if (contrast(shade, background) >= least) return shade;
  }
  return away;
}
