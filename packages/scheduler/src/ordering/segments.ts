/** The one order of a block that no other order of it beats, whatever runs in between. It refuses blocks it cannot solve. */

import type { Dataflow } from "../dataflow/dataflow.js";
import type { Effort } from "../dataflow/effort.js";
import { Block } from "./block.js";
import { Explorer } from "./frontier.js";
import { settle } from "./settle.js";

/** Operations that run without a pause: up to a hill, down to a valley. */
export interface Segment {
  readonly operations: readonly number[];
  /** Live bytes of the block at most while it runs. */
  readonly hill: number;
  /** Live bytes of the block after it. */
  readonly valley: number;
}

/** States that one exploration may look at. */
const states = 1000;
/** Explorations of one side. */
const rounds = 200;

/**
 * Every order can be made to pass through the cheapest state of the block. Before it, a pause is of use only in a
 * state lower than all before; after it, in one lower than all that follow: the hill-valley form of Liu, "An
 * application of generalized tree pebbling to sparse matrix factorization" (SIAM J. Alg. Disc. Meth. 8, 1987), found
 * by exploration with a rising limit from either side. Values of the dataflow without producer are live before it.
 * Undefined when the effort is not enough.
 */
export function segmentsOf(flow: Dataflow, effort: Effort): Segment[] | undefined {
  const order = [...new Array(flow.operations).keys()];
  effort.spend(100 * flow.operations);
  const none = (): boolean => false;
  const whole = new Block(flow, { operations: order, before: none, base: 0 });
  let base = 0;
  for (let v = 0; v < whole.size.length; v++) {
    if ((whole.producer[v] ?? -1) < 0 && whole.held[v] === 0) base += whole.size[v] ?? 0;
  }
  whole.memory = base;
  for (let o = 0; o < whole.count; o++) whole.advance(o);
  const { ran, work } = settle(whole, order, true);
  effort.spend(work);
  const first = order.filter((_, i) => ran[i] === 1);
  const last = order.filter((_, i) => ran[i] === 0);
  const early = new Set(first);
  const left = new Block(flow, { operations: first, before: none, base });
  const rising = explore(left, true, effort);
  if (rising === undefined) return undefined;
  const right = new Block(flow, { operations: last, before: (o) => early.has(o), base: left.memory });
  for (let o = 0; o < right.count; o++) right.advance(o);
  const falling = explore(right, false, effort);
  if (falling === undefined) return undefined;
  for (let o = whole.count - 1; o >= 0; o--) whole.retreat(o);
  return measure(whole, [...rising, ...falling.reverse().map((list) => list.reverse())]);
}

/** What each exploration commits to, with the limit raised as little as possible in between. */
function explore(block: Block, forward: boolean, effort: Effort): number[][] | undefined {
  const explorer = new Explorer(block, forward);
  const parts: number[][] = [];
  let limit = block.memory;
  let length = 0;
  for (let round = 0; explorer.path.length < block.count; round++) {
    const outcome = explorer.explore(limit, states, effort);
    if (outcome.kind === "spent" || round === rounds) return undefined;
    const moved = explorer.path.slice(length);
    length += moved.length;
    if (moved.length > 0) parts.push(moved.map((o) => block.operations[o] ?? 0));
    if (outcome.kind === "stuck") limit = outcome.next;
  }
  return parts;
}

function measure(block: Block, parts: readonly (readonly number[])[]): Segment[] {
  const local = new Map<number, number>();
  for (const [i, o] of block.operations.entries()) local.set(o, i);
  return parts.map((operations) => {
    let hill = block.memory;
    for (const operation of operations) {
      const o = local.get(operation) ?? 0;
      hill = Math.max(hill, block.memory + (block.demand[o] ?? 0));
      block.advance(o);
    }
    return { operations, hill, valley: block.memory };
  });
}
