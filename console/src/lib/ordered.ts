/** A list that is ordered by activity and loaded from the top, a page at a time. */
import { byActivity, type Conversation } from "@switchboard/wire";

function slot(rows: readonly Conversation[], row: Conversation): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const there = rows[middle];
    if (there && byActivity(there, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * `rows` with `row` put where it belongs, or taken out. Below the last row of a list that is not
 * loaded to its end there are unknown ones, so that nothing is put there: its page will bring it.
 */
export function place(
  rows: readonly Conversation[],
  row: Conversation,
  { belongs, complete }: { belongs: boolean; complete: boolean },
): readonly Conversation[] {
  const at = rows.findIndex((other) => other.id === row.id);
  if (at < 0 && !belongs) return rows;
  if (belongs && at >= 0 && rows[at]?.last_activity_at === row.last_activity_at) {
    return rows.with(at, row);
  }
  const without = at < 0 ? rows : rows.toSpliced(at, 1);
  if (!belongs) return without;
  const target = slot(without, row);
  if (target === without.length && !complete) return without;
  return without.toSpliced(target, 0, row);
}

/** `rows` followed by a fetched page, each conversation once, in order. */
export function append(
  rows: readonly Conversation[],
  page: readonly Conversation[],
): readonly Conversation[] {
  const known = new Set(rows.map((row) => row.id));
  const fresh = page.filter((row) => !known.has(row.id));
  return fresh.length === 0 ? rows : [...rows, ...fresh].sort(byActivity);
}
