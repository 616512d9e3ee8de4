/** The moments offered to put a conversation off to. Pure: `now` is given. */

export type SnoozeKey = "later" | "evening" | "tomorrow" | "monday" | "week";

export interface SnoozePreset {
  key: SnoozeKey;
  until: Date;
}

function atHour(now: Date, days: number, hour: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
}

export function snoozePresets(now: Date): SnoozePreset[] {
  const later = new Date(now.getTime() + 3 * 3_600_000);
  later.setSeconds(0, 0);
  const presets: SnoozePreset[] = [{ key: "later", until: later }];
  if (now.getHours() < 16) presets.push({ key: "evening", until: atHour(now, 0, 18) });
  presets.push({ key: "tomorrow", until: atHour(now, 1, 9) });
  const toMonday = (8 - now.getDay()) % 7 || 7;
  if (toMonday > 1) presets.push({ key: "monday", until: atHour(now, toMonday, 9) });
  if (toMonday !== 7) presets.push({ key: "week", until: atHour(now, 7, 9) });
  return presets;
}

/** A moment as `<input type="datetime-local">` wants it: the person's own time, to the minute. */
export function localInput(at: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
