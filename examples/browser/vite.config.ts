// Serves and builds the page. Its headers make it cross-origin isolated: it has shared memory, and so threads.

import { defineConfig } from "vite";

const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  base: "./",
  server: { headers },
  preview: { headers },
  worker: { format: "es" },
  build: { target: "es2022" },
});
