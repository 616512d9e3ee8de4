import { expect, test } from "vitest";
import { append, place } from "./ordered.ts";
import { conversation, minute } from "./testing.ts";

const at = (id: string, minutes: number) =>
  conversation(id, { last_activity_at: minute(minutes), rev: minutes });
const ids = (rows: readonly { id: string }[]) => rows.map((row) => row.id).join("");
const three = [at("c", 30), at("b", 20), at("a", 10)];

test("what becomes active moves to the top", () => {
  expect(ids(place(three, at("a", 40), { belongs: true, complete: true }))).toBe("acb");
});

test("what changed without activity stays where it is", () => {
  const changed = conversation("b", { last_activity_at: minute(20), unread: 3 });
  const rows = place(three, changed, { belongs: true, complete: true });
  expect(ids(rows)).toBe("cba");
  expect(rows[1]?.unread).toBe(3);
});

test("what no longer belongs goes, and what never did changes nothing", () => {
  expect(ids(place(three, at("b", 20), { belongs: false, complete: true }))).toBe("ca");
  expect(place(three, at("x", 20), { belongs: false, complete: true })).toBe(three);
});

test("nothing is put below the last row while more are unknown", () => {
  expect(place(three, at("x", 5), { belongs: true, complete: false })).toBe(three);
  expect(ids(place(three, at("x", 5), { belongs: true, complete: true }))).toBe("cbax");
  expect(ids(place(three, at("x", 15), { belongs: true, complete: false }))).toBe("cbxa");
});

test("a page brings each conversation once, in order", () => {
  expect(ids(append(three, [at("a", 10), at("z", 5), at("y", 25)]))).toBe("cybaz");
  expect(append(three, [at("a", 10)])).toBe(three);
});

test("fractions of seconds are ordered although their zeros are left out", () => {
  const early = conversation("e", { last_activity_at: "2026-03-02T09:00:00Z" });
  const late = conversation("l", { last_activity_at: "2026-03-02T09:00:00.5Z" });
  expect(ids(append([early], [late]))).toBe("le");
});

test("any history of changes leads to the order that sorting gives", () => {
  let seed = 7;
  const random = (n: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % n;
  };
  let rows: readonly ReturnType<typeof conversation>[] = [];
  const truth = new Map<string, ReturnType<typeof conversation>>();
  for (let step = 0; step < 600; step += 1) {
    const row = at(`k${random(40)}`, random(5000));
    const belongs = random(4) > 0;
    rows = place(rows, row, { belongs, complete: true });
    if (belongs) truth.set(row.id, row);
    else truth.delete(row.id);
  }
  expect(rows).toEqual(append([], [...truth.values()]));
});
