/** One try at running a block within a limit, in either direction of time. It refuses to try again. */

import type { Effort } from "../dataflow/effort.js";
import type { Block } from "./block.js";
import { Explorer, type Outcome } from "./frontier.js";

export type Direction = "forward" | "backward";

export interface Attempt {
  readonly outcome: Outcome;
  /** Operations of the dataflow in an order within the limit; empty unless done. */
  readonly operations: readonly number[];
}

/** The block stands at its first state. */
export function attempt(
  block: Block,
  direction: Direction,
  limit: number,
  states: number,
  effort: Effort,
): Attempt {
  const forward = direction === "forward";
  effort.spend(40 * block.count);
  if (!forward) for (let o = 0; o < block.count; o++) block.advance(o);
  const explorer = new Explorer(block, forward);
  const outcome = explorer.explore(limit, states, effort);
  if (outcome.kind !== "done") return { outcome, operations: [] };
  const operations = explorer.path.map((o) => block.operations[o] ?? 0);
  return { outcome, operations: forward ? operations : operations.reverse() };
}
