// When to come back after a connection was lost.

import { CLOSE_CODES, type CloseCode } from "./generated.ts";

const FIRST_MS = 500;
const LONGEST_MS = 30_000;
const MOVING_MS = 10_000;

/** What a close number means to the protocol; null for those of browsers and proxies. */
export function closeReason(number: number): CloseCode | null {
  for (const name in CLOSE_CODES) {
    const reason = name as CloseCode;
    if (CLOSE_CODES[reason].code === number) return reason;
  }
  return null;
}

/** Whether a client may come back with what it has. */
export function mayReturn(reason: CloseCode | null): boolean {
  return reason === null || CLOSE_CODES[reason].retry;
}

/**
 * Milliseconds to wait. Full jitter: anything up to a bound that doubles, so that clients who
 * were cut off together do not return together. A server that moves says so to all its clients
 * at once and is not at fault; they spread over ten seconds and count no failure.
 */
export function delay(reason: CloseCode | null, tries: number, random: number): number {
  const bound = reason === "moving" ? MOVING_MS : Math.min(LONGEST_MS, FIRST_MS * 2 ** tries);
  return random * bound;
}
