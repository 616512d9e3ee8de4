/** How times, sizes and names are shown. Pure: `now` is always given. */
import { regional, t } from "./messages.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function formatter(options: Intl.DateTimeFormatOptions): (at: Date) => string {
  let made: Intl.DateTimeFormat | undefined;
  return (at) => {
    made ??= new Intl.DateTimeFormat(regional, options);
    return made.format(at);
  };
}

const clockOf = formatter({ hour: "numeric", minute: "2-digit" });
const weekdayOf = formatter({ weekday: "short" });
const longWeekdayOf = formatter({ weekday: "long" });
const dayOf = formatter({ day: "numeric", month: "short" });
const dayAndYearOf = formatter({ day: "numeric", month: "short", year: "numeric" });
const longDayOf = formatter({ weekday: "long", day: "numeric", month: "long" });
const longDayAndYearOf = formatter({ day: "numeric", month: "long", year: "numeric" });
const fullOf = formatter({ dateStyle: "medium", timeStyle: "short" });

/** Days between the calendar days of two moments, in the person's own time zone. */
export function daysApart(earlier: Date, later: Date): number {
  const a = Date.UTC(earlier.getFullYear(), earlier.getMonth(), earlier.getDate());
  const b = Date.UTC(later.getFullYear(), later.getMonth(), later.getDate());
  return Math.round((b - a) / DAY);
}

/** "now", "4m", "3h", "Tue", "12 Mar": as short as a list needs. */
export function shortAgo(iso: string, now: number): string {
  const at = new Date(iso);
  const ago = now - at.getTime();
  if (ago < MINUTE) return t("time-now");
  if (ago < HOUR) return t("time-minutes", { count: Math.floor(ago / MINUTE) });
  const today = new Date(now);
  const days = daysApart(at, today);
  if (days === 0 || ago < 12 * HOUR) return t("time-hours", { count: Math.floor(ago / HOUR) });
  if (days < 7) return weekdayOf(at);
  return at.getFullYear() === today.getFullYear() ? dayOf(at) : dayAndYearOf(at);
}

/** "just now", "4 minutes ago", "yesterday": for a sentence. */
export function longAgo(iso: string, now: number): string {
  const ago = now - Date.parse(iso);
  if (ago < MINUTE) return t("time-just-now");
  const words = new Intl.RelativeTimeFormat(regional, { numeric: "auto" });
  if (ago < HOUR) return words.format(-Math.floor(ago / MINUTE), "minute");
  if (ago < DAY) return words.format(-Math.floor(ago / HOUR), "hour");
  if (ago < 30 * DAY) return words.format(-Math.floor(ago / DAY), "day");
  return dayAndYearOf(new Date(iso));
}

export function clock(iso: string | number): string {
  return clockOf(new Date(iso));
}

export function fullTime(iso: string | number): string {
  return fullOf(new Date(iso));
}

export function date(iso: string): string {
  return dayAndYearOf(new Date(iso));
}

/** The heading of a day in a conversation. */
export function dayHeading(at: Date, now: number): string {
  const today = new Date(now);
  const days = daysApart(at, today);
  if (days === 0) return t("day-today");
  if (days === 1) return t("day-yesterday");
  if (days > 1 && days < 7) return longWeekdayOf(at);
  return at.getFullYear() === today.getFullYear() ? longDayOf(at) : longDayAndYearOf(at);
}

/** When something in the near future happens: "9:00", "tomorrow, 9:00", "Mon, 9:00", "12 Mar, 9:00". */
export function until(iso: string | number, now: number): string {
  const at = new Date(iso);
  const days = daysApart(new Date(now), at);
  if (days <= 0) return clockOf(at);
  if (days === 1) return t("time-tomorrow-at", { clock: clockOf(at) });
  const day = days < 7 ? weekdayOf(at) : dayOf(at);
  return t("time-day-at", { day, clock: clockOf(at) });
}

const UNITS = ["B", "KB", "MB", "GB"];

export function fileSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  return `${value.toLocaleString(regional, { maximumFractionDigits: digits })} ${UNITS[unit]}`;
}

/** One or two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = [...(words[0] ?? "?")][0] ?? "?";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toLocaleUpperCase(regional);
}

/** A colour's hue that always is the same for the same thing. */
export function hue(seed: string): number {
  let hash = 2166136261;
  for (let i = 0; i < seed.length; i += 1) {
    hash = Math.imul(hash ^ seed.charCodeAt(i), 16777619);
  }
  return ((hash >>> 0) % 36) * 10;
}

/** "Ana", "Ana and Ben", "Ana, Ben and Cleo". */
export function names(all: readonly string[]): string {
  return new Intl.ListFormat(regional, { type: "conjunction" }).format(all);
}

/** "pt-BR" as "Portuguese (Brazil)"; what cannot be named stays as it is. */
export function language(tag: string): string {
  try {
    return new Intl.DisplayNames(regional, { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** A page's address without what nobody reads. */
export function shortUrl(url: string): string {
  try {
    const parsed = new URL(url);
    return (parsed.host + parsed.pathname).replace(/\/$/, "");
  } catch {
    return url;
  }
}

/** At most so many as "99+". */
export function capped(count: number, most = 99): string {
  return count > most ? `${most}+` : String(count);
}
