/** One server for the whole run. */

import type { TestProject } from "vitest/node";
import { Server } from "./server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the server is, without a slash at the end. */
    base: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await Server.start();
  project.provide("base", server.base);
  return () => server.remove();
}
