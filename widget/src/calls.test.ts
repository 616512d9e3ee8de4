import { describe, expect, it } from "vitest";
import { type Call, noWishes, wish } from "./calls.ts";

const after = (...calls: Call[]) => calls.reduce(wish, noWishes());
const ana = { userId: "ana", hash: "00" };
const ben = { userId: "ben", hash: "11" };

describe("calls before the app is there", () => {
  it("the_last_of_open_and_close_wins", () => {
    expect(after(["open"], ["close"]).open).toBe(false);
    expect(after(["close"], ["open"]).open).toBe(true);
  });

  it("the_last_identity_and_locale_win", () => {
    const wishes = after(
      ["identify", ana],
      ["setLocale", "fr"],
      ["identify", ben],
      ["setLocale", "ar"],
    );
    expect(wishes).toEqual({ open: false, identity: ben, locale: "ar" });
  });

  it("boot_without_options_takes_nothing_back", () => {
    const wishes = after(["identify", ana], ["open"], ["setLocale", "de"], ["boot"]);
    expect(wishes).toEqual({ open: true, identity: ana, locale: "de" });
  });

  it("boot_brings_its_options", () => {
    expect(after(["boot", { locale: "es", identity: ben, launcher: false }])).toEqual({
      open: false,
      identity: ben,
      locale: "es",
    });
  });
});
