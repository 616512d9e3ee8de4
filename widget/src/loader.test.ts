// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Setup } from "./contract.ts";

const calls: string[] = [];
const app = (said: string) => `data:text/javascript,${encodeURIComponent(said)}`;
const setup: Setup = {
  key: "wk_test",
  base: "https://chat.example",
  look: { color: "#c2410c", position: "end", theme: "auto" },
  // A stand-in for the app, which writes down what it is told.
  app: app(`
    export function start(host, wishes) {
      const note = (name) => (value) => globalThis.noted.push(name + (value ? ":" + JSON.stringify(value) : ""));
      note("start")(wishes);
      host.adopt(".panel { color: red }");
      return { open: note("open"), close: note("close"), identify: note("identify"), setLocale: note("setLocale"), stop: note("stop") };
    }
  `),
};

async function load(): Promise<void> {
  vi.resetModules();
  await import("./loader.ts");
}

const button = () =>
  document.querySelector("switchboard-widget")?.shadowRoot?.querySelector("button") ?? null;
const noted = () => vi.waitFor(() => expect(calls.length).toBeGreaterThan(0));

beforeEach(() => {
  calls.length = 0;
  localStorage.clear();
  document.body.replaceChildren();
  delete self.Switchboard;
  self.__switchboard = setup;
  (globalThis as { noted?: string[] }).noted = calls;
});

afterEach(
  () => self.Switchboard && !Array.isArray(self.Switchboard) && self.Switchboard.shutdown(),
);

describe("the loader", () => {
  it("draws_a_labelled_button_and_asks_for_nothing", async () => {
    await load();
    expect(button()?.getAttribute("aria-label")).toBe("Open chat");
    expect(button()?.getAttribute("aria-expanded")).toBe("false");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(calls).toEqual([]);
    expect(document.cookie).toBe("");
    expect(localStorage.length).toBe(0);
  });

  it("loaded_twice_it_is_there_once", async () => {
    await load();
    const first = self.Switchboard;
    await load();
    expect(self.Switchboard).toBe(first);
    expect(document.querySelectorAll("switchboard-widget").length).toBe(1);
  });

  it("takes_up_calls_from_before_it_arrived", async () => {
    self.Switchboard = [["setLocale", "fr"], ["identify", { userId: "ana", hash: "00" }], ["open"]];
    await load();
    await noted();
    const wishes = { open: true, locale: "fr", identity: { userId: "ana", hash: "00" } };
    expect(calls).toEqual([`start:${JSON.stringify(wishes)}`]);
  });

  it("starts_the_app_once_and_hands_later_calls_on", async () => {
    await load();
    button()?.click();
    await noted();
    const api = self.Switchboard;
    if (!api || Array.isArray(api)) throw new Error("no API");
    api.setLocale("ar");
    api.push(["close"]);
    expect(calls.slice(1)).toEqual(['setLocale:"ar"', "close"]);
  });

  it("lends_the_app_its_way_of_adding_styles", async () => {
    await load();
    const sheets = () =>
      document.querySelector("switchboard-widget")?.shadowRoot?.adoptedStyleSheets;
    const own = sheets();
    expect(own?.length).toBe(1);
    button()?.click();
    await noted();
    await vi.waitFor(() => expect(sheets()?.length).toBe(2));
    expect(sheets()?.[0]).toBe(own?.[0]);
    expect(sheets()?.[1]?.cssRules[0]?.cssText).toContain(".panel");
  });

  it("starts_by_itself_only_for_who_has_a_conversation", async () => {
    localStorage.setItem("sb:wk_test:token", "t");
    localStorage.setItem("sb:wk_test:talked", "1");
    await load();
    await vi.waitFor(() => expect(calls.length).toBe(1), 3000);
    expect(calls[0]).toContain('"open":false');
  });

  it("shutdown_takes_everything_along_but_other_keys", async () => {
    await load();
    localStorage.setItem("sb:wk_test:token", "t");
    localStorage.setItem("sb:wk_test:muted", "1");
    localStorage.setItem("sb:wk_other:token", "t");
    localStorage.setItem("basket", "3");
    button()?.click();
    await noted();
    const api = self.Switchboard;
    if (!api || Array.isArray(api)) throw new Error("no API");
    api.shutdown();
    expect(calls.at(-1)).toBe("stop");
    expect(button()).toBeNull();
    expect(Object.keys(localStorage).sort()).toEqual([
      "basket",
      "sb:wk_other:token",
      "sb:wk_test:muted",
    ]);
    api.boot();
    expect(button()).not.toBeNull();
  });

  it("says_so_when_the_app_cannot_be_loaded", async () => {
    self.__switchboard = { ...setup, app: app("throw new Error('gone')") };
    await load();
    const api = self.Switchboard;
    if (!api || Array.isArray(api)) throw new Error("no API");
    const heard = vi.fn();
    api.on("error", heard);
    api.open();
    await vi.waitFor(() => expect(heard).toHaveBeenCalledOnce());
    expect(heard.mock.calls[0]?.[0]).toMatchObject({ code: "unavailable" });
  });
});
