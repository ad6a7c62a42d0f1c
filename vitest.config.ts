import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that declare little and test much: the usual order, by size, would leave them to one core at the end. */
const long = /\/test\/(conformance|memory\/budget|backend-cpu\/engines|reference\/torch)/;

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => long.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "test/browser/**"],
    setupFiles: ["test/setup.ts"],
    // A process per test file: what a test leaves behind (memory, flags of the engine, devices) dies with it.
    pool: "forks",
    // Every core: the default leaves one to the process that only waits.
    maxWorkers: "100%",
    sequence: { sequencer: LongFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
    // What was built runs as it is, not transformed: as a user runs it, and as fast.
    server: { deps: { external: [/\/(packages\/[^/]+|examples)\/dist\//] } },
    forceRerunTriggers: [...configDefaults.forceRerunTriggers, "**/dist/**/*.js"],
  },
});
