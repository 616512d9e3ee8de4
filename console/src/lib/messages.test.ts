import { describe, expect, test } from "vitest";
import { has, t } from "./messages.ts";
import "./settingsMessages.ts";

const types = import.meta.glob<string>("../../../wire/ts/src/generated.ts", {
  query: "?raw",
  import: "default",
  eager: true,
});
const files = import.meta.glob<string>(
  ["../**/*.svelte", "../**/*.ts", "!../**/*.test.ts", "../../locales/en/*.ftl"],
  { query: "?raw", import: "default", eager: true },
);
const ofConsole = files["../../locales/en/console.ftl"] ?? "";
const ofSettings = files["../../locales/en/settings.ftl"] ?? "";
const code = Object.entries(files)
  .filter(([path]) => !path.endsWith(".ftl"))
  .map(([, text]) => text)
  .join("\n");
const idsOf = (ftl: string) =>
  [...ftl.matchAll(/^([a-z][\w-]*) =/gm)].map((match) => match[1] ?? "");
const ids = [...idsOf(ofConsole), ...idsOf(ofSettings)];

/** The ids of a call: `t("a")`, `t(x ? "a" : "b")`, `t(`a-${x}`)` as the beginning "a-". */
function calls(): { whole: string[]; beginnings: string[] } {
  const whole = new Set<string>();
  const beginnings = new Set<string>();
  for (const [, inside = ""] of code.matchAll(
    /\bt\(\s*((?:[^()`]|\([^()]*\)|`[^`]*`){1,200}?)[,)]/g,
  )) {
    for (const [, id = ""] of inside.matchAll(/"([a-z][a-z0-9-]*)"/g)) {
      if (!/===\s*$/.test(inside.slice(0, inside.indexOf(`"${id}"`)))) whole.add(id);
    }
    for (const [, start = ""] of inside.matchAll(/`([a-z-]+)\$\{/g)) beginnings.add(start);
  }
  return { whole: [...whole], beginnings: [...beginnings] };
}

describe("messages", () => {
  test("every message that the code names exists", () => {
    const { whole } = calls();
    expect(whole.length).toBeGreaterThan(200);
    expect(whole.filter((id) => !has(id))).toEqual([]);
  });

  test("every message that exists is named by the code", () => {
    const { beginnings } = calls();
    const unused = ids.filter(
      (id) => !code.includes(`"${id}"`) && !beginnings.some((start) => id.startsWith(start)),
    );
    expect(unused).toEqual([]);
  });

  test("what comes with the settings is said nowhere else", () => {
    const withSettings = /\/(settings|signup)\/|settingsMessages/;
    const elsewhere = Object.entries(files)
      .filter(([path]) => !path.endsWith(".ftl") && !withSettings.test(path))
      .map(([, text]) => text)
      .join("\n");
    expect(idsOf(ofSettings).filter((id) => elsewhere.includes(`"${id}"`))).toEqual([]);
  });

  test("every line that a channel can tell has its words", () => {
    const [source = ""] = Object.values(types);
    const [union = ""] = /^export type ChannelLine = .*$/m.exec(source) ?? [];
    const lines = [...union.matchAll(/"line": "(\w+)"/g)].map((match) => match[1] ?? "");
    expect(lines.length).toBeGreaterThan(70);
    expect(lines.filter((line) => !has(`line-${line.replaceAll("_", "-")}`))).toEqual([]);
  });

  test("numbers choose their form", () => {
    expect(t("preview-file", { count: 1 })).toBe("1 file");
    expect(t("preview-file", { count: 3 })).toBe("3 files");
  });
});
