/**
 * Builds dist/: the loader, the app, one file per language, and manifest.json, which tells the
 * server their names. Fails when a budget of package.json (bytes, gzipped) is exceeded.
 */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { missingKeys, readLocales } from "./locales.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const { budgets } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const target = ["es2022", "safari15.4"];

/** CSS as minified text. */
const cssText = {
  name: "css-text",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/** The extras borrow what the app has; see src/extras/kit.ts. */
const borrowed = {
  name: "borrowed",
  setup(build) {
    build.onResolve({ filter: /^preact(\/hooks)?$|\/parts\.tsx$/ }, () => ({
      path: join(here, "src/extras/kit.ts"),
    }));
  },
};

async function bundle(entry, { plugins = [], ...options }) {
  const result = await build({
    entryPoints: [join(here, entry)],
    bundle: true,
    minify: true,
    write: false,
    target,
    legalComments: "none",
    charset: "utf8",
    plugins: [cssText, ...plugins],
    // Rather than tsconfig.json, which asks for the larger automatic runtime.
    tsconfigRaw: {},
    jsx: "transform",
    jsxFactory: "h",
    jsxFragment: "Fragment",
    ...options,
  });
  return result.outputFiles[0].text;
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

function weigh(kind, name) {
  const bytes = gzipSync(readFileSync(join(dist, name)), { level: 9 }).length;
  console.log(`${name.padEnd(28)} ${String(bytes).padStart(6)} B gz of ${budgets[kind]}`);
  if (bytes > budgets[kind]) over.push(name);
}

async function locales() {
  const tables = readLocales();
  const names = {};
  for (const [locale, table] of Object.entries(tables)) {
    const missing = missingKeys(tables.en, table);
    if (missing.length > 0) throw new Error(`locales/${locale}.ftl: ${missing.join(", ")}`);
    const source = `export default ${JSON.stringify(table)}`;
    const { code } = await transform(source, { minify: true, charset: "utf8" });
    names[locale] = hashed(`locale-${locale}`, code);
  }
  return names;
}

mkdirSync(dist, { recursive: true });
const names = await locales();
const extras = hashed(
  "extras",
  await bundle("src/extras/main.ts", {
    format: "esm",
    inject: [join(here, "src/extras/kit.ts")],
    plugins: [borrowed],
  }),
);
const app = hashed(
  "app",
  await bundle("src/app/main.tsx", {
    format: "esm",
    inject: [join(here, "src/app/jsx.ts")],
    define: { LOCALES: JSON.stringify(names), EXTRAS: JSON.stringify(extras) },
  }),
);
write("widget.js", await bundle("src/loader.ts", { format: "iife" }));
write(
  "manifest.json",
  `${JSON.stringify({ app, extras, widget: "widget.js", locales: names }, null, 2)}\n`,
);
for (const name of readdirSync(dist)) if (!written.has(name)) rmSync(join(dist, name));

weigh("loader", "widget.js");
weigh("app", app);
weigh("extras", extras);
for (const name of Object.values(names)) weigh("locale", name);
if (over.length > 0) {
  console.error(`over budget: ${over.join(", ")}`);
  process.exit(1);
}
