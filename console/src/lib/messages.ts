/**
 * Every word the console says, through one function. The words live in `locales/`: those of the
 * first view here, those of the settings in `settingsMessages.ts`, which comes with them.
 */
import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";
import english from "../../locales/en/console.ftl?raw";

export const locale = "en";

const bundle = new FluentBundle(locale, { useIsolating: false });

/** Adds the words of a part that has come. */
export function learn(source: string): void {
  for (const error of bundle.addResource(new FluentResource(source))) console.error(error);
}

learn(english);

/** What numbers and dates follow: the person's own region, in the language of the texts. */
export const regional: string =
  typeof navigator !== "undefined" && navigator.language.startsWith(locale)
    ? navigator.language
    : locale;

/** The words called `id`, with its variables filled in. */
export function t(id: string, args?: Record<string, FluentVariable>): string {
  const pattern = bundle.getMessage(id)?.value;
  if (!pattern) {
    console.error(`no message called ${id}`);
    return id;
  }
  return bundle.formatPattern(pattern, args ?? null, []);
}

/** Whether there are words called `id`. */
export function has(id: string): boolean {
  return bundle.hasMessage(id);
}
