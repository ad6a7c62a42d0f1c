/** The catalogue: every op by name, read off the exports of `ops/index.ts`. Nothing registers itself. */

import type { Op } from "../graph/op.js";
import * as functions from "./index.js";

/** The op of each exported function that has one; functions without are compositions. */
export const catalogue: ReadonlyMap<string, Op> = new Map(
  Object.values(functions).flatMap((build) =>
    typeof build === "function" && "op" in build ? [[build.op.name, build.op] as const] : [],
  ),
);
