/** Bisection between a bound and an order, by exact search over the whole dataflow. It refuses to improve locally. */

import type { Effort } from "../dataflow/effort.js";
import type { Arrangement } from "./arrangement.js";
import { attempt, type Direction } from "./attempt.js";

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
  while (Math.max(low, goal) < arrangement.peak && effort.left > 0) {
    const limit = Math.floor((Math.max(undecided, goal) + arrangement.peak - 1) / 2);
    const result = decide(arrangement, limit, states, effort);
    if (result === undefined) {
      if (limit + 1 >= arrangement.peak) return low;
      undecided = limit + 1;
    } else {
      if (result > low) low = result;
      undecided = Math.max(undecided, low);
    }
  }
  return low;
}

/** Tries a limit with more and more states; returns what is then known as a lower bound, or nothing. */
function decide(arrangement: Arrangement, limit: number, most: number, effort: Effort): number | undefined {
  for (let states = Math.min(most, 128); ; states = Math.min(most, states * 4)) {
    for (const direction of directions) {
      if (effort.left === 0) return undefined;
      const block = arrangement.block(0, arrangement.order.length);
      const { outcome, operations } = attempt(block, direction, limit, states, effort);
      if (outcome.kind === "stuck") return outcome.next;
      if (outcome.kind === "done") {
        arrangement.replace(0, operations);
        return 0;
      }
    }
    if (states === most) return undefined;
  }
}
