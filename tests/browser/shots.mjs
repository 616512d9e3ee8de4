/** Takes pictures of every page and state into a folder, to be looked at: `npm run shots -- FOLDER`. */

import { resolve } from "node:path";
import { startVitest } from "vitest/node";

const folder = process.argv[2];
if (!folder) {
  console.error("which folder? npm run shots -w @switchboard/browser-tests -- FOLDER");
  process.exit(2);
}
process.env.SWITCHBOARD_SHOTS = resolve(process.env.INIT_CWD ?? ".", folder);
const run = await startVitest("test", process.argv.slice(3), {
  config: new URL("vitest.config.ts", import.meta.url).pathname,
  root: new URL(".", import.meta.url).pathname,
  include: ["shots.ts"],
  watch: false,
});
await run.close();
