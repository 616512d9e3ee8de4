/** Turns the lines of a conversation into what is drawn: days, groups of one author, names. */

import type { VisitorMessage } from "@switchboard/wire";
import type { ChatLine } from "./chat.ts";
import { daysBetween } from "./locale.ts";

/** Messages of one author within this time stand together. */
const GROUP_MS = 5 * 60_000;

export type Item =
  | { kind: "day"; key: string; at: number }
  /** Where what is new begins. */
  | { kind: "new"; key: "new" }
  | { kind: "line"; key: string; line: ChatLine; first: boolean; last: boolean };

export const timeOf = ({ row, entry }: ChatLine): number =>
  row ? Date.parse(row.created_at) : entry.at;

const authorOf = ({ row }: ChatLine): string => {
  const author: VisitorMessage["author"] = row?.author ?? { kind: "you" };
  return author.kind === "agent" ? author.id : author.kind;
};

export function arrange(lines: readonly ChatLine[], readBefore: number | null): Item[] {
  const items: Item[] = [];
  // What was deleted is not counted as new.
  const fresh = lines.findIndex(
    ({ row }) =>
      readBefore !== null &&
      row &&
      !row.deleted_at &&
      row.n > readBefore &&
      row.author.kind !== "you",
  );
  lines.forEach((line, i) => {
    const [before, after] = [lines[i - 1], lines[i + 1]];
    const at = timeOf(line);
    const newDay = !before || daysBetween(timeOf(before), at) !== 0;
    if (newDay) items.push({ kind: "day", key: `day:${line.key}`, at });
    if (i === fresh) items.push({ kind: "new", key: "new" });
    const together = (a: ChatLine, b: ChatLine) =>
      authorOf(a) === authorOf(b) && Math.abs(timeOf(b) - timeOf(a)) < GROUP_MS;
    const first = newDay || i === fresh || !together(before, line);
    const last =
      !after || i + 1 === fresh || !together(line, after) || daysBetween(at, timeOf(after)) !== 0;
    items.push({ kind: "line", key: line.key, line, first, last });
  });
  return items;
}
