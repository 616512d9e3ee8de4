/**
 * Builds dist/: the loader, the app, one file per language, and manifest.json, which tells the
 * server their names. Fails when a budget of package.json (bytes, gzipped) is exceeded.
 */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { Features, transform } from "lightningcss";
import { rolldown } from "rolldown";
import { minify } from "rolldown/utils";
import { missingKeys, readLocales } from "./locales.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const { budgets } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const kit = join(here, "src/extras/kit.ts");

/** CSS as minified text. */
const cssText = {
  name: "css-text",
  load: {
    filter: { id: /\.css$/ },
    handler(filename) {
      const { code } = transform({
        filename,
        code: readFileSync(filename),
        minify: true,
        // `max-width` stays what it is: Safari 15.4 cannot read `width <=`.
        include: Features.MediaRangeSyntax,
      });
      return { code: `export default ${JSON.stringify(String(code))}`, moduleType: "js" };
    },
  },
};

/** The extras borrow what the app has; see src/extras/kit.ts. */
const borrowed = {
  name: "borrowed",
  resolveId: {
    filter: { id: /^preact(\/hooks)?$|\/(parts\.tsx|exchange\.ts)$/ },
    handler: () => kit,
  },
};

/** `jsx` is the module that has `h` and `Fragment`, to which JSX is turned. */
async function bundle(entry, { format, jsx, define = {}, plugins = [] }) {
  const bundled = await rolldown({
    input: join(here, entry),
    plugins: [cssText, ...plugins],
    // Rather than tsconfig.json, which asks for the larger automatic runtime.
    tsconfig: false,
    transform: {
      // What Safari 15.4 and its contemporaries read. Named by itself it would cost 1.5 KB: its
      // private fields would become weak maps.
      target: "es2022",
      define,
      jsx: { runtime: "classic", pragma: "h", pragmaFrag: "Fragment" },
      inject: jsx ? { h: [jsx, "h"], Fragment: [jsx, "Fragment"] } : {},
    },
  });
  const { output } = await bundled.generate({ format, minify: true, comments: false });
  await bundled.close();
  return output[0].code;
}

const written = new Set();

function write(name, text) {
  writeFileSync(join(dist, name), text);
  written.add(name);
  return name;
}

function hashed(stem, text) {
  const hash = createHash("sha256").update(text).digest("base64url").replace(/[-_]/g, "");
  return write(`${stem}-${hash.slice(0, 10)}.js`, text);
}

const over = [];

const gzipped = (name) => gzipSync(readFileSync(join(dist, name)), { level: 9 }).length;

function weigh(kind, what, bytes) {
  console.log(`${what.padEnd(50)} ${String(bytes).padStart(6)} B gz of ${budgets[kind]}`);
  if (bytes > budgets[kind]) over.push(what);
}

async function locales() {
  const tables = readLocales();
  const names = {};
  for (const [locale, table] of Object.entries(tables)) {
    const missing = missingKeys(tables.en, table);
    if (missing.length > 0) throw new Error(`locales/${locale}.ftl: ${missing.join(", ")}`);
    const source = `export default ${JSON.stringify(table)}`;
    const { code } = await minify(`${locale}.js`, source, { module: true });
    names[locale] = hashed(`locale-${locale}`, code);
  }
  return names;
}

mkdirSync(dist, { recursive: true });
const names = await locales();
const extras = hashed(
  "extras",
  await bundle("src/extras/main.ts", { format: "esm", jsx: kit, plugins: [borrowed] }),
);
const app = hashed(
  "app",
  await bundle("src/app/main.tsx", {
    format: "esm",
    jsx: "preact",
    define: { LOCALES: JSON.stringify(names), EXTRAS: JSON.stringify(extras) },
  }),
);
write("widget.js", await bundle("src/loader.ts", { format: "iife" }));
write(
  "manifest.json",
  `${JSON.stringify({ app, extras, widget: "widget.js", locales: names }, null, 2)}\n`,
);
for (const name of readdirSync(dist)) if (!written.has(name)) rmSync(join(dist, name));

weigh("loader", "widget.js", gzipped("widget.js"));
// Nobody loads the app without a language.
const [largest] = Object.values(names).sort((a, b) => gzipped(b) - gzipped(a));
weigh("app", `${app} + ${largest}`, gzipped(app) + gzipped(largest));
weigh("extras", extras, gzipped(extras));
if (over.length > 0) {
  console.error(`over budget: ${over.join(", ")}`);
  process.exit(1);
}
