/**
 * Every word the console says, through one function. The words live in `locales/*.ftl`; a
 * language is added there and in `bundles`, and nowhere else.
 */
import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";
import english from "../../locales/en.ftl?raw";

export const locale = "en";

function bundleOf(code: string, source: string): FluentBundle {
  const bundle = new FluentBundle(code, { useIsolating: false });
  for (const error of bundle.addResource(new FluentResource(source))) console.error(error);
  return bundle;
}

const bundle = bundleOf(locale, english);

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
