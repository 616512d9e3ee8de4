/** How long the team may still write, by the window that the platform holds open. Pure. */
import type { BusinessConnection, Conversation, Window } from "@switchboard/wire";
import { regional, t } from "./messages.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Below this the countdown asks for attention. */
const SOON = 2 * HOUR;

export type Standing =
  | { kind: "free"; left: number; soon: boolean }
  | { kind: "human"; left: number }
  | { kind: "templates" }
  | { kind: "closed" }
  /** Whoever it runs through does not let us write. */
  | { kind: "refused"; why: "switched_off" | "no_reply"; name: string };

/**
 * Where a window stands; `null` where there is no limit. What whoever it runs through does not
 * allow is not to be had at any time.
 */
export function standing(
  window: Window | null,
  now: number,
  connection?: BusinessConnection,
): Standing | null {
  if (connection && connection.access !== "open") {
    return { kind: "refused", why: connection.access, name: connection.name };
  }
  if (!window) return null;
  const left = (until: string | null) => (until === null ? 0 : Date.parse(until) - now);
  const free = left(window.free_until);
  if (free > 0) return { kind: "free", left: free, soon: free < SOON };
  const human = left(window.human_until);
  if (human > 0) return { kind: "human", left: human };
  return { kind: window.templates ? "templates" : "closed" };
}

export function mayWrite(window: Window | null, now: number): boolean {
  return !isShut(standing(window, now));
}

/** Whether nothing can be written freely. */
export function isShut(now: Standing | null): boolean {
  return now !== null && now.kind !== "free" && now.kind !== "human";
}

/** "5 days", "22 hours", "40 minutes": the largest unit says enough. */
export function span(ms: number): string {
  const words = (count: number, unit: "day" | "hour" | "minute") =>
    new Intl.NumberFormat(regional, { style: "unit", unit, unitDisplay: "long" }).format(count);
  if (ms >= 2 * DAY) return words(Math.floor(ms / DAY), "day");
  if (ms >= HOUR) return words(Math.floor(ms / HOUR), "hour");
  return words(Math.max(1, Math.floor(ms / MINUTE)), "minute");
}

/** The countdown in words. */
export function standingWords(now: Standing): string {
  switch (now.kind) {
    case "free":
      return t("window-free", { left: span(now.left) });
    case "human":
      return t("window-human", { left: span(now.left) });
    case "templates":
      return t("window-templates");
    case "closed":
      return t("window-closed");
    case "refused":
      return t(now.why === "no_reply" ? "window-no-reply" : "window-switched-off", {
        name: now.name,
      });
  }
}

/** The most that fits into one message of the channel; longer texts are sent in several. */
export function partLimit(row: Conversation): { limit: number; bytes: boolean } | null {
  switch (row.channel) {
    case "whatsapp":
    case "telegram":
      return { limit: 4096, bytes: false };
    case "messenger":
      return { limit: 1999, bytes: false };
    case "instagram":
      return { limit: 1000, bytes: true };
    default:
      return null;
  }
}

/** Whether a text is sent in several messages. */
export function isSplit(row: Conversation, text: string): boolean {
  const part = partLimit(row);
  if (!part || text.length * 3 <= part.limit) return false;
  const size = part.bytes ? new TextEncoder().encode(text).length : text.length;
  return size > part.limit;
}
