import { expect, test } from "vitest";
import { firstView } from "./budget.ts";

const chunk = (fileName: string, isEntry: boolean, imports: string[], css: string[] = []) => ({
  type: "chunk" as const,
  name: fileName === "a.js" ? "index" : fileName,
  fileName,
  code: "",
  isEntry,
  imports,
  viteMetadata: { importedCss: new Set(css) },
});

test("the first view is the entry, what it imports at once, and their styles", () => {
  const bundle = {
    "a.js": chunk("a.js", true, ["b.js"], ["a.css"]),
    "b.js": chunk("b.js", false, ["a.js"]),
    "other.js": chunk("other.js", true, []),
    "later.js": chunk("later.js", false, ["b.js"], ["later.css"]),
    "a.css": { type: "asset" as const, fileName: "a.css", source: "" },
    "later.css": { type: "asset" as const, fileName: "later.css", source: "" },
  };
  expect(firstView(bundle).sort()).toEqual(["a.css", "a.js", "b.js"]);
});
