/** Templates with their variables: what is to be filled in, and how it reads then. Pure. */
import type {
  ButtonValue,
  Template,
  TemplateButton,
  TemplateComponent,
  TemplateValues,
  TemplateVariable,
} from "@switchboard/wire";

type Of<K extends TemplateComponent["type"]> = Extract<TemplateComponent, { type: K }>;

export function part<K extends TemplateComponent["type"]>(
  template: Template,
  type: K,
): Of<K> | undefined {
  return template.components.find((one): one is Of<K> => one.type === type);
}

/** One thing to fill in. */
export interface Slot {
  key: string;
  place: "header" | "body" | "button";
  name: string;
  example: string | null;
  index: number;
}

function slots(place: Slot["place"], variables: readonly TemplateVariable[]): Slot[] {
  return variables.map(({ name, example }, index) => {
    return { key: `${place}:${name}`, place, name, example, index };
  });
}

/** Everything that must be filled in before the template can be sent, in reading order. */
export function slotsOf(template: Template): Slot[] {
  const header = part(template, "header");
  const buttons = part(template, "buttons")?.buttons ?? [];
  return [
    ...slots("header", header?.format === "text" ? header.variables : []),
    ...slots("body", part(template, "body")?.variables ?? []),
    ...buttons.flatMap((button: TemplateButton, index): Slot[] =>
      button.variable === null
        ? []
        : [
            {
              key: `button:${index}`,
              place: "button",
              name: button.text,
              example: button.variable,
              index,
            },
          ],
    ),
  ];
}

/** Whether its header is a file that is chosen when it is sent. */
export function headerFile(template: Template): string | null {
  const format = part(template, "header")?.format;
  return format === "image" || format === "video" || format === "document" ? format : null;
}

const PLACE = /\{\{\s*([\w.]+)\s*\}\}/g;

/** A text with what was filled in; what was not keeps its braces. */
export function filled(
  text: string,
  place: "header" | "body",
  values: ReadonlyMap<string, string>,
): string {
  return text.replace(PLACE, (braces, name: string) => values.get(`${place}:${name}`) || braces);
}

/** What is sent along with the template. */
export function valuesOf(template: Template, values: ReadonlyMap<string, string>): TemplateValues {
  const all = slotsOf(template);
  const named = (slot: Slot) => !/^\d+$/.test(slot.name);
  const texts = (place: Slot["place"]) =>
    all
      .filter((slot) => slot.place === place)
      .map((slot) => {
        const value = values.get(slot.key)?.trim() ?? "";
        return named(slot) ? { name: slot.name, value } : { value };
      });
  const buttons: ButtonValue[] = all
    .filter((slot) => slot.place === "button")
    .map((slot) => ({ index: slot.index, value: values.get(slot.key)?.trim() ?? "" }));
  return { header: texts("header"), body: texts("body"), buttons };
}

export function isFilled(template: Template, values: ReadonlyMap<string, string>): boolean {
  return slotsOf(template).every((slot) => (values.get(slot.key) ?? "").trim() !== "");
}

/** The names of the places in a text that is being written. */
export function placesIn(text: string): string[] {
  return [...new Set([...text.matchAll(PLACE)].map((match) => match[1] ?? ""))];
}
