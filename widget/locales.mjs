/**
 * Compiles a Fluent file to the small table that the app reads: a message is a string with
 * `{name}` for its variables, or, where it selects on a number, one string per plural category.
 */

import { readdirSync, readFileSync } from "node:fs";
import { parse } from "@fluent/syntax";

const folder = new URL("./locales/", import.meta.url);

/** The tables of all languages, by language. */
export function readLocales() {
  const files = readdirSync(folder).filter((file) => file.endsWith(".ftl"));
  return Object.fromEntries(
    files.map((file) => [
      file.slice(0, -4),
      compileLocale(readFileSync(new URL(file, folder), "utf8"), file),
    ]),
  );
}

/** `{"key": "text {name}"}` or `{"key": {"one": "…", "other": "…"}}`. */
export function compileLocale(source, name) {
  const table = {};
  for (const entry of parse(source, {}).body) {
    if (entry.type === "Junk") throw new Error(`${name}: cannot read ${entry.content.trim()}`);
    if (entry.type === "Message" && entry.value) {
      table[entry.id.name] = compilePattern(entry.value, `${name}: ${entry.id.name}`);
    }
  }
  return table;
}

function compilePattern(pattern, where) {
  const only = pattern.elements.length === 1 ? pattern.elements[0] : null;
  if (only?.type === "Placeable" && only.expression.type === "SelectExpression") {
    return Object.fromEntries(
      only.expression.variants.map((variant) => [
        variant.key.type === "Identifier" ? variant.key.name : variant.key.value,
        plainText(variant.value, where),
      ]),
    );
  }
  return plainText(pattern, where);
}

function plainText(pattern, where) {
  return pattern.elements
    .map((element) => {
      if (element.type === "TextElement") return element.value;
      if (element.expression.type === "VariableReference") return `{${element.expression.id.name}}`;
      if (element.expression.type === "StringLiteral") return element.expression.value;
      throw new Error(`${where}: only variables and one selection are compiled`);
    })
    .join("");
}

/** What is wrong in a table beside the reference: missing and superfluous keys, lost variables. */
export function missingKeys(reference, table) {
  const variables = (text) =>
    [...JSON.stringify(text).matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const wrong = [];
  for (const [key, text] of Object.entries(reference)) {
    if (!(key in table)) wrong.push(`${key} is missing`);
    else
      for (const name of new Set(variables(text)))
        if (!variables(table[key]).includes(name)) wrong.push(`${key} lost $${name}`);
  }
  for (const key of Object.keys(table))
    if (!(key in reference)) wrong.push(`${key} is not in the reference`);
  return wrong;
}
