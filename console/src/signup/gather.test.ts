import { expect, test } from "vitest";
import { type Gathered, isOf, judge, readMessage } from "./gather.ts";

const FACEBOOK = "https://www.facebook.com";

/** A message as Meta's window posts it: text, with its payload in it. */
const told = (event: string, data: object) =>
  readMessage(JSON.stringify({ type: "WA_EMBEDDED_SIGNUP", event, version: 3, data }));

test("Meta speaks from every host of its site, and nobody else does", () => {
  for (const origin of [FACEBOOK, "https://facebook.com", "https://business.facebook.com"]) {
    expect(isOf(FACEBOOK, origin)).toBe(true);
  }
  for (const origin of [
    "https://evilfacebook.com",
    "https://facebook.com.evil.example",
    "http://www.facebook.com",
    "null",
    "",
  ]) {
    expect(isOf(FACEBOOK, origin)).toBe(false);
  }
  expect(isOf("http://127.0.0.1:8081/graph", "http://127.0.0.1:8081")).toBe(true);
  expect(isOf("http://127.0.0.1:8081/graph", "http://127.0.0.1:8082")).toBe(false);
});

const WABA = { waba_id: "310428876512904", business_id: "720931448871203" };
const NUMBER = { phone_number_id: "598213347710462", ...WABA };

test("every way to finish says what was chosen", () => {
  const chosen = (event: string, data: object) => {
    const ending = told(event, data);
    return ending?.how === "finished" ? ending.chosen : null;
  };
  const both = { waba_id: WABA.waba_id, phone_number_id: NUMBER.phone_number_id };
  expect(chosen("FINISH", NUMBER)).toEqual({ ...both, coexistence: false });
  const more = { ...NUMBER, ad_account_ids: ["9"], page_ids: ["1"], dataset_ids: ["5"] };
  expect(chosen("FINISH", more)).toEqual({ ...both, coexistence: false });
  expect(chosen("FINISH_ONLY_WABA", WABA)).toEqual({ waba_id: WABA.waba_id, coexistence: false });
  expect(chosen("FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING", WABA)).toEqual({
    waba_id: WABA.waba_id,
    coexistence: true,
  });
});

test("who leaves is told at which step, and an error is told in Meta's words", () => {
  expect(told("CANCEL", { current_step: "PHONE_NUMBER_VERIFICATION" })).toEqual({
    how: "left",
    step: "PHONE_NUMBER_VERIFICATION",
  });
  expect(told("CANCEL", {})).toEqual({ how: "left", step: null });
  const error = { error_message: "Not allowed.", session_id: "f34b", timestamp: "1795176000" };
  expect(told("CANCEL", { ...error, error_id: "524126" })).toEqual({
    how: "error",
    words: "Not allowed.",
    id: "524126",
  });
  expect(told("CANCEL", { ...error, error_code: 524126 })).toMatchObject({ id: "524126" });
});

test("what else is posted is let be", () => {
  for (const data of ["", "{", "cb=f1&domain=x", null, 1, { type: "OTHER" }, "null"]) {
    expect(readMessage(data)).toBeNull();
  }
  expect(told("NEWS", {})).toBeNull();
});

test("code and message make one whole, in either order", () => {
  const ending = told("FINISH", NUMBER);
  const left = told("CANCEL", { current_step: "PERMISSIONS" });
  const is = (gathered: Gathered, late = false) => judge(gathered, late);
  expect(is({ ending }).is).toBe("open");
  expect(is({ ending: null, code: "AQ" }).is).toBe("wait");
  expect(is({ ending, code: "AQ" })).toEqual({
    is: "ready",
    body: {
      code: "AQ",
      waba_id: WABA.waba_id,
      phone_number_id: NUMBER.phone_number_id,
      coexistence: false,
    },
  });
  // Without the message the server finds out what was granted.
  expect(is({ ending: null, code: "AQ" }, true)).toEqual({ is: "ready", body: { code: "AQ" } });
  // An error in the window is no end: people may put it right there.
  expect(is({ ending: left }).is).toBe("open");
  expect(is({ ending: left, code: null })).toEqual({ is: "over", ending: left });
  expect(is({ ending: null, code: null }).is).toBe("wait");
  expect(is({ ending: null, code: null }, true)).toEqual({
    is: "over",
    ending: { how: "closed" },
  });
});
