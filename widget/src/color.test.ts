import { describe, expect, it } from "vitest";
import { shades } from "./app/look.ts";
import { contrast, parseColor, printColor, type Rgb, readableOn, textOn } from "./color.ts";

/** A grid over the whole cube of colours. */
const every: Rgb[] = [];
for (let r = 0; r <= 255; r += 17)
  for (let g = 0; g <= 255; g += 17) for (let b = 0; b <= 255; b += 17) every.push([r, g, b]);

describe("colours", () => {
  it("text_on_any_brand_colour_can_be_read", () => {
    for (const color of every) expect(contrast(textOn(color), color)).toBeGreaterThanOrEqual(4.5);
  });

  it("a_brand_colour_as_text_can_be_read_on_both_themes", () => {
    for (const surface of [[255, 255, 255] as const, [24, 25, 29] as const]) {
      for (const color of every) {
        expect(contrast(readableOn(color, surface), surface)).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  it("a_readable_colour_is_left_alone", () => {
    expect(readableOn([91, 75, 214], [255, 255, 255])).toEqual([91, 75, 214]);
  });

  it("what_is_no_colour_becomes_the_default", () => {
    expect(printColor(parseColor("#Ab10ff"))).toBe("#ab10ff");
    for (const bad of ["", "red", "#fff", "#12345g", "#123456;}*{color:red"]) {
      expect(printColor(parseColor(bad))).toBe("#4f46e5");
    }
  });

  it("nothing_but_colours_reaches_the_style_sheet", () => {
    expect(shades("#123456}*{display:none")).toBe(shades(""));
    expect(shades("#c2410c")).toMatch(/^\.frame\{--brand:#c2410c;--on-brand:#ffffff;/);
  });
});
