import { describe, expect, it } from "vitest";
import { sizeIn } from "./size.ts";

describe("a size", () => {
  it("is_told_in_the_unit_that_suits_it", () => {
    expect(sizeIn("en-US", 2_500_000)).toBe("2.5 MB");
    expect(sizeIn("en-US", 999_999)).toBe("1,000 kB");
  });

  it("is_never_nothing", () => {
    expect(sizeIn("en-US", 3)).toBe("1 kB");
  });

  it("is_told_as_the_language_writes_it", () => {
    expect(sizeIn("de", 2_500_000)).toBe("2,5 MB");
  });
});
