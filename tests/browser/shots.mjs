/** Takes pictures of every page and state into a folder, to be looked at: `npm run shots -- FOLDER [WHICH]`. */

import { resolve } from "node:path";
import { startVitest } from "vitest/node";

const [, , folder, only] = process.argv;
if (!folder) {
  console.error("which folder? npm run shots -w @switchboard/browser-tests -- FOLDER");
  process.exit(2);
}
process.env.SWITCHBOARD_SHOTS = resolve(process.env.INIT_CWD ?? ".", folder);
const run = await startVitest("test", [], {
  config: new URL("vitest.config.ts", import.meta.url).pathname,
  root: new URL(".", import.meta.url).pathname,
  include: ["shots.ts"],
  ...(only && { testNamePattern: only }),
  watch: false,
});
await run.close();
