// Rows and how they come together. All pure: a snapshot or a page, then events, gives what
// fetching again would give. The same object comes back when nothing changed.

import type { Seq } from "./generated.ts";
import type { Entry } from "./outbox.ts";

interface Revised {
  readonly id: string;
  readonly rev: Seq;
}

/** What messages of both sides have in common. */
export interface MessageRow extends Revised {
  readonly seq: Seq;
  readonly ref: string | null;
}

/** The one with the higher `rev`. */
export function newer<T extends { readonly rev: Seq }>(have: T | undefined, got: T): T {
  return have && have.rev >= got.rev ? have : got;
}

/** Replaces the row with this id if it is older, or adds it at the end. */
export function upsert<T extends Revised>(rows: readonly T[], row: T): readonly T[] {
  const at = rows.findIndex((other) => other.id === row.id);
  if (at < 0) return [...rows, row];
  return replaced(rows, at, newer(rows[at], row));
}

/** A part of a conversation without holes, ordered by `seq`. */
export interface Thread<T> {
  readonly rows: readonly T[];
  /** Whether there are more before it. */
  readonly older: boolean;
  /** Whether there are more after it. */
  readonly newer: boolean;
  /** Rows that events brought from beyond it. A page under way may hold older copies of them. */
  readonly outside: readonly T[];
}

/**
 * Make it before fetching the first page, so that events meanwhile have a place. `newer` when
 * that page will not be the newest one.
 */
export function emptyThread<T>(newer = false): Thread<T> {
  return { rows: [], older: true, newer, outside: [] };
}

/** Applies the message of the event at `seq`. */
export function applyMessage<T extends MessageRow>(thread: Thread<T>, seq: Seq, row: T): Thread<T> {
  const { rows } = thread;
  const at = place(rows, row.seq);
  if (rows[at]?.seq === row.seq) {
    const changed = replaced(rows, at, newer(rows[at], row));
    return changed === rows ? thread : { ...thread, rows: changed };
  }
  // What is posted now follows all that is there, even while nothing is loaded.
  const follows = at === rows.length && (at > 0 || !thread.older || row.seq === seq);
  const inside = follows ? !thread.newer : at > 0 || (rows.length > 0 && !thread.older);
  if (inside) return { ...thread, rows: [...rows.slice(0, at), row, ...rows.slice(at)] };
  const outside = upsert(thread.outside, row);
  return outside === thread.outside ? thread : { ...thread, outside };
}

/** Joins a fetched page that adjoins or overlaps, and says what lies beyond where that changed. */
export function mergePage<T extends MessageRow>(
  thread: Thread<T>,
  page: readonly T[],
  beyond: { older?: boolean; newer?: boolean } = {},
): Thread<T> {
  const merged = { ...thread, ...beyond };
  const rows = new Map(thread.rows.map((row) => [row.seq, row]));
  for (const row of page) {
    const have = rows.get(row.seq);
    // Of equals the fetched one: its links are younger.
    if (!have || row.rev >= have.rev) rows.set(row.seq, row);
  }
  const last = Math.max(...rows.keys(), 0);
  const outside = thread.outside.filter((row) => {
    const have = rows.get(row.seq);
    const inside = have || (row.seq > last && !merged.newer);
    if (inside) rows.set(row.seq, newer(have, row));
    return !inside;
  });
  return { ...merged, outside, rows: [...rows.values()].sort((a, b) => a.seq - b.seq) };
}

/** A line of a conversation: a message, or one of ours that is on its way. */
export type Line<T, P> =
  | { readonly key: string; readonly row: T; readonly entry: null }
  | { readonly key: string; readonly row: null; readonly entry: Entry<P> };

/**
 * Messages, then what is on its way and not among them. A message keeps its key when it is
 * acknowledged. A ref comes from a client that may lie, so only the first to use one is known by it.
 */
export function threadView<T extends MessageRow, P>(
  rows: readonly T[],
  entries: readonly Entry<P>[],
): Line<T, P>[] {
  const refs = new Set<string>();
  const lines: Line<T, P>[] = rows.map((row) => {
    if (!row.ref || refs.has(row.ref)) return { key: row.id, row, entry: null };
    refs.add(row.ref);
    return { key: `ref:${row.ref}`, row, entry: null };
  });
  for (const entry of entries) {
    if (!refs.has(entry.ref)) lines.push({ key: `ref:${entry.ref}`, row: null, entry });
  }
  return lines;
}

/** Orders times as the server prints them, which omits a fraction's trailing zeros. */
export function compareTimes(a: string, b: string): number {
  const [left, right] = [a.slice(0, -1), b.slice(0, -1)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function replaced<T>(rows: readonly T[], at: number, row: T): readonly T[] {
  if (rows[at] === row) return rows;
  const changed = [...rows];
  changed[at] = row;
  return changed;
}

/** Where `seq` is, or belongs. Most are at the end. */
function place(rows: readonly MessageRow[], seq: Seq): number {
  let at = rows.length;
  while (at > 0 && (rows[at - 1]?.seq ?? 0) >= seq) at -= 1;
  return at;
}
