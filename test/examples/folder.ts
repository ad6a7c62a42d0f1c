// A test with a folder of its own on disk, gone afterwards.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it as plain, type TestAPI } from "vitest";

export const it: TestAPI<{ folder: string }> = plain.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies of a fixture off this pattern
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "textbook-mlp-"));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
});
