/** Words in the visitor's language: which one, where they come from, how they are filled in. */

export type Words = Record<string, string | Partial<Record<Intl.LDMLPluralRule, string>>>;

/** The first wish that there is a translation for, by language; English otherwise. */
export function pickLocale(wished: readonly string[], have: readonly string[]): string {
  for (const tag of wished) {
    const language = tag.toLowerCase().split(/[-_]/)[0] as string;
    if (have.includes(language)) return language;
  }
  return "en";
}

export const isRtl = (language: string) => /^(ar|he|fa|ur)$/.test(language);

/** Fills `{name}`; a message with plural forms is chosen by its `count`. */
export function phrase(
  words: Words,
  plural: Intl.PluralRules,
  key: string,
  values: Record<string, string | number> = {},
): string {
  const found = words[key] ?? key;
  const text =
    typeof found === "string"
      ? found
      : (found[plural.select(Number(values.count))] ?? found.other ?? key);
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** A language, ready to speak. */
export interface Speech {
  readonly tag: string;
  readonly rtl: boolean;
  (key: string, values?: Record<string, string | number>): string;
  time(at: number): string;
  /** "Today", "Yesterday", or the date. */
  day(at: number, now: number): string;
  /** "in 5 seconds" */
  soon(seconds: number): string;
}

const capital = (text: string, tag: string) =>
  text.charAt(0).toLocaleUpperCase(tag) + text.slice(1);

/** How many midnights lie between two moments, where the visitor is. */
export function daysBetween(earlier: number, later: number): number {
  const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0);
  return Math.round((midnight(later) - midnight(earlier)) / 86_400_000);
}

export function speech(language: string, words: Words, wished: readonly string[]): Speech {
  // The region of the wish matters for dates: "en-GB" writes them unlike "en-US".
  const tag = wished.find((wish) => pickLocale([wish], [language]) === language) ?? language;
  const plural = new Intl.PluralRules(tag);
  const clock = new Intl.DateTimeFormat(tag, { hour: "numeric", minute: "2-digit" });
  const near = new Intl.RelativeTimeFormat(tag, { numeric: "auto" });
  const say = (key: string, values?: Record<string, string | number>) =>
    phrase(words, plural, key, values);
  return Object.assign(say, {
    tag,
    rtl: isRtl(language),
    time: (at: number) => clock.format(at),
    day(at: number, now: number) {
      const days = daysBetween(at, now);
      if (days < 2) return capital(near.format(-days, "day"), tag);
      const year = new Date(at).getFullYear() !== new Date(now).getFullYear();
      return new Intl.DateTimeFormat(tag, {
        weekday: "long",
        day: "numeric",
        month: "long",
        ...(year && { year: "numeric" }),
      }).format(at);
    },
    soon: (seconds: number) => near.format(seconds, "second"),
  });
}

const files = LOCALES;

/** Fetches the words of one language. */
export async function fetchWords(language: string): Promise<Words> {
  const file = new URL(`./${files[language]}`, import.meta.url).href;
  return ((await import(file)) as { default: Words }).default;
}

export const languages = () => Object.keys(files);
