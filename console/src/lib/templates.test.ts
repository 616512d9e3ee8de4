import type { Template } from "@switchboard/wire";
import { expect, test } from "vitest";
import { filled, headerFile, isFilled, slotsOf, valuesOf } from "./templates.ts";

const template: Template = {
  id: "tpl_a",
  account: "acc_a",
  name: "order_update",
  language: "en_US",
  category: "UTILITY",
  status: "APPROVED",
  quality: null,
  reason: null,
  sendable: true,
  updated_at: "2026-01-01T00:00:00Z",
  components: [
    {
      type: "header",
      format: "text",
      text: "Order {{1}}",
      variables: [{ name: "1", example: "A7" }],
    },
    {
      type: "body",
      text: "Hi {{1}}, {{2}} is on its way to {{1}}.",
      variables: [
        { name: "1", example: "Ana" },
        { name: "2", example: "the vase" },
      ],
    },
    {
      type: "buttons",
      buttons: [
        { kind: "quick_reply", text: "Thanks", variable: null, url: null },
        { kind: "url", text: "Track", variable: "abc", url: "https://x.example/{{1}}" },
      ],
    },
  ],
};

test("a template asks for each variable once, in reading order", () => {
  expect(slotsOf(template).map((slot) => slot.key)).toEqual([
    "header:1",
    "body:1",
    "body:2",
    "button:1",
  ]);
  expect(headerFile(template)).toBeNull();
});

test("it is filled when nothing is left open, and reads as it will be sent", () => {
  const values = new Map([
    ["header:1", "B9"],
    ["body:1", "Ana"],
    ["body:2", " "],
    ["button:1", "z"],
  ]);
  expect(isFilled(template, values)).toBe(false);
  values.set("body:2", "the bowl");
  expect(isFilled(template, values)).toBe(true);
  expect(filled("Hi {{1}}, {{ 2 }} is on its way to {{1}}.", "body", values)).toBe(
    "Hi Ana, the bowl is on its way to Ana.",
  );
  expect(valuesOf(template, values)).toEqual({
    header: [{ value: "B9" }],
    body: [{ value: "Ana" }, { value: "the bowl" }],
    buttons: [{ index: 1, value: "z" }],
  });
});

test("what is not filled in keeps its braces", () => {
  expect(filled("Hi {{first_name}}", "body", new Map())).toBe("Hi {{first_name}}");
});
