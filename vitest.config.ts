import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "test/browser/**"],
    setupFiles: ["test/setup.ts"],
    // A process per test file: what a test leaves behind (memory, flags of the engine, devices) dies with it.
    pool: "forks",
    // Every core: the default leaves one to the process that only waits.
    maxWorkers: "100%",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
    // What was built runs as it is, not transformed: as a user runs it, and as fast.
    server: { deps: { external: [/\/(packages\/[^/]+|examples)\/dist\//] } },
    forceRerunTriggers: [...configDefaults.forceRerunTriggers, "**/dist/**/*.js"],
  },
});
