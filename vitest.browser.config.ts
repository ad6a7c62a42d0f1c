// The suites that need Chromium: those that run in its pages, and those that drive it from Node.

import process from "node:process";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { nodeCommands } from "./test/browser/commands.js";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Pages served with these are cross-origin isolated: they have SharedArrayBuffer, and so threads. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  test: {
    passWithNoTests: false,
    // Two pages that compute at once only slow each other down on a small machine.
    fileParallelism: false,
    projects: [
      {
        test: {
          name: "driven",
          include: ["test/browser/driven/*.test.ts"],
          pool: "forks",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "pages",
          testTimeout: 120_000,
          include: ["test/browser/*.test.ts", "test/conformance/cpu.test.ts"],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            commands: nodeCommands,
            provider: playwright({
              launchOptions: {
                executablePath,
                args: ["--no-sandbox", "--enable-unsafe-webgpu"],
              },
            }),
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
