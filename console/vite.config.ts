import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";
import { budget } from "./build/budget.ts";
import about from "./package.json" with { type: "json" };

/** Holds the first paint until the script has set the theme, so that dark never flashes white. */
function blockRender(): Plugin {
  return {
    name: "console-block-render",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (html) =>
        html.replace('<script type="module"', '<script type="module" blocking="render"'),
    },
  };
}

const server = process.env.SWITCHBOARD_URL ?? "http://127.0.0.1:8080";

export default defineConfig(({ mode }) => ({
  base: "/console/",
  plugins: [svelte(), blockRender(), budget(about.budget.firstViewGzBytes)],
  resolve: mode === "test" ? { conditions: ["browser"] } : {},
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The second page runs a script of Meta's, which the console itself does not let in.
    rolldownOptions: { input: { index: "index.html", "embedded-signup": "embedded-signup.html" } },
  },
  server: {
    proxy: {
      "/api": { target: server, changeOrigin: false },
      "/ws": { target: server, ws: true, changeOrigin: false },
      "/widget": { target: server },
      "/widget.js": { target: server },
    },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts", "build/**/*.test.ts"] },
}));
