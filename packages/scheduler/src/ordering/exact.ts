/** Bisection between a bound and an order, by exact search over the whole dataflow. It refuses to improve locally. */

import type { Effort } from "../dataflow/effort.js";
import type { Arrangement } from "./arrangement.js";
import { attempt, type Direction } from "./attempt.js";
import type { Block } from "./block.js";

const directions = ["backward", "forward"] as const satisfies readonly Direction[];

/**
 * Improves `arrangement` and returns a better lower bound; equal to the peak when the order is proved optimal.
 * A limit that neither direction decides within `states` states is skipped, toward the known order.
 */
export function bisect(
  arrangement: Arrangement,
  lowerBound: number,
  goal: number,
  states: number,
  effort: Effort,
): number {
  let low = lowerBound;
  let undecided = lowerBound;
  const block = arrangement.block(0, arrangement.order.length);
  while (Math.max(low, goal) < arrangement.peak && effort.left > 0) {
    const limit = Math.floor((Math.max(undecided, goal) + arrangement.peak - 1) / 2);
    const decision = decide(block, limit, states, effort);
    if (decision === undefined) {
      if (limit + 1 >= arrangement.peak) return low;
      undecided = limit + 1;
    } else if ("order" in decision) {
      arrangement.replace(0, decision.order);
    } else {
      low = Math.max(low, decision.least);
      undecided = Math.max(undecided, low);
    }
  }
  return low;
}

/** An order within a limit, or what is known to be the least peak where there is none. */
type Decision = { readonly order: readonly number[] } | { readonly least: number };

/** Tries a limit with more and more states; undefined where they do not decide. */
function decide(block: Block, limit: number, most: number, effort: Effort): Decision | undefined {
  for (let states = Math.min(most, 128); ; states = Math.min(most, states * 4)) {
    for (const direction of directions) {
      if (effort.left === 0) return undefined;
      block.reset();
      const { outcome, operations } = attempt(block, direction, limit, states, effort);
      if (outcome.kind === "stuck") return { least: outcome.next };
      if (outcome.kind === "done") return { order: operations };
    }
    if (states === most) return undefined;
  }
}
