// The suites that need Chromium: those that run in its pages, and those that drive it from Node.

import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { nodeCommands } from "./test/browser/commands.js";
import { launchOptions } from "./test/browser/driven/chromium.js";

/** Pages served with these are cross-origin isolated: they have SharedArrayBuffer, and so threads. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        test: {
          name: "driven",
          fileParallelism: false,
          include: ["test/browser/driven/*.test.ts"],
          pool: "forks",
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: "pages",
          // One at a time: a test that crashes the GPU process takes the devices of all pages with it.
          fileParallelism: false,
          testTimeout: 240_000,
          include: ["test/browser/*.test.ts", "test/conformance/{cpu,gpu}.test.ts"],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            commands: nodeCommands,
            provider: playwright({ launchOptions }),
            instances: [{ browser: "chromium" }],
          },
        },
        server: { headers: isolation },
        // Vite would reload a page in the middle of its tests to bundle a dependency it had not foreseen.
        optimizeDeps: {
          noDiscovery: true,
          include: ["@adjoint/core > graphology", "@adjoint/scheduler > rxjs"],
        },
      },
    ],
  },
});
