import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "support/setup.ts",
    // Browsers are heavy: one after the other is the faster way on a small machine.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
