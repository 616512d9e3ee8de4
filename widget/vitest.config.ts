import { defineConfig } from "vitest/config";

export default defineConfig({
  // As the build does it, without its file names.
  define: { LOCALES: "{}", EXTRAS: '"extras.js"' },
});
