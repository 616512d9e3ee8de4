import { expect, test } from "vitest";
import { readReturn } from "./signInReturn.ts";

test("an address without an outcome says nothing", () => {
  expect(readReturn("")).toEqual({ connected: null, problems: [], ticket: null });
  expect(readReturn("?connected=many")).toEqual({ connected: null, problems: [], ticket: null });
});

test("what was connected and every problem are read, also that nothing was", () => {
  expect(readReturn("?connected=2&problem=Page+A%3A+no&problem=Page+B%3A+no")).toEqual({
    connected: 2,
    problems: ["Page A: no", "Page B: no"],
    ticket: null,
  });
  expect(readReturn("?connected=0").connected).toBe(0);
});

test("a ticket asks for a choice", () => {
  expect(readReturn("?sign_in=abc.def").ticket).toBe("abc.def");
});
