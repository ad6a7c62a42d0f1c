/** Reference data outside the repository: tests that need it skip, visibly, where it is not. */

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The path of a shared file or folder, or undefined where this checkout has none beside it. */
export function sharedPath(relative: string): string | undefined {
  const path = fileURLToPath(new URL(`../../../shared/${relative}`, import.meta.url));
  return existsSync(path) ? path : undefined;
}

export function sharedJson(relative: string): unknown {
  const path = sharedPath(relative);
  return path === undefined ? undefined : JSON.parse(readFileSync(path, "utf8"));
}
