/**
 * Holds the first view to its budget: the bytes a browser must fetch, compressed, before the
 * console can be used. What is loaded later (settings, emoji, lightbox) does not count.
 */
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

interface Chunk {
  type: "chunk";
  name: string;
  fileName: string;
  code: string;
  isEntry: boolean;
  imports: string[];
  viteMetadata?: { importedCss: Set<string> };
}

interface Asset {
  type: "asset";
  fileName: string;
  source: string | Uint8Array;
}

type Bundle = Record<string, Chunk | Asset>;

/** The page whose first view it is: others are seen by few, and once. */
const PAGE = "index";

/** The files of `bundle` that the page names: its entry, what it imports at once, their styles. */
export function firstView(bundle: Bundle): string[] {
  const seen = new Set<string>();
  const visit = (name: string) => {
    const file = bundle[name];
    if (!file || seen.has(name)) return;
    seen.add(name);
    if (file.type !== "chunk") return;
    for (const css of file.viteMetadata?.importedCss ?? []) visit(css);
    for (const next of file.imports) visit(next);
  };
  for (const file of Object.values(bundle)) {
    if (file.type === "chunk" && file.isEntry && file.name === PAGE) visit(file.fileName);
  }
  return [...seen];
}

function gzipped(file: Chunk | Asset | undefined): number {
  if (!file) return 0;
  return gzipSync(file.type === "chunk" ? file.code : file.source, { level: 9 }).length;
}

/** Fails the build when the first view is larger than `limit` bytes, gzipped. */
export function budget(limit: number): Plugin {
  return {
    name: "console-budget",
    apply: "build",
    enforce: "post",
    generateBundle(_options, output) {
      const bundle = output as unknown as Bundle;
      const total = firstView(bundle).reduce((sum, name) => sum + gzipped(bundle[name]), 0);
      const words = `first view: ${total} of ${limit} bytes gz`;
      if (total > limit) this.error(`over budget, ${words}`);
      this.info(words);
    },
  };
}
