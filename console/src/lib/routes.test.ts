import { expect, test } from "vitest";
import { parse, print, type Route } from "./routes.ts";

const ROUTES: Route[] = [
  { name: "sign-in" },
  { name: "sign-up" },
  { name: "invite", token: "a/b c" },
  { name: "reset", token: "x" },
  { name: "inbox", view: "mine", conversation: null, at: null },
  { name: "inbox", view: "label:lbl_1", conversation: "cnv_2", at: 17 },
  { name: "search", q: "blue & green", conversation: null, at: null },
  { name: "search", q: "blue", conversation: "cnv_2", at: 3 },
  { name: "settings", section: null },
  { name: "settings", section: "widget" },
];

test("every route reads back from its address", () => {
  for (const route of ROUTES) {
    const url = new URL(print(route), "https://x.example");
    expect(parse(url.pathname, url.search)).toEqual(route);
  }
});

test("what is unknown shows the inbox", () => {
  for (const path of ["/console", "/console/", "/console/nonsense", "/console/inbox/nonsense"]) {
    expect(parse(path, "")).toEqual({ name: "inbox", view: "open", conversation: null, at: null });
  }
  expect(parse("/console/invite", "")).toEqual({ name: "sign-in" });
});
