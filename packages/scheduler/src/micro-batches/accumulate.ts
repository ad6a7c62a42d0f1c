/**
 * Micro-batches: a training step over a batch as one over its parts, one after another, with the same results. Gradients of
 * a mean over examples are sums of those over parts; so are they term by term here, by what ops mean and not by what
 * the step is called. The schedule then needs activations of one part at a time. It refuses steps that mix examples.
 */

import { graph as freeze, type Graph, type Node } from "@adjoint/core";
import { expand } from "../passes/decompose.js";
import { type Rule, rewrite } from "../rewrite/rule.js";
import { type BatchAxes, batchOf, checkCount, countsOf } from "./batch.js";
import { demandsOf } from "./demands.js";
import { MicroBatchError } from "./error.js";
import { rolesOf } from "./roles.js";
import { afterAll, sequenced } from "./sequence.js";
import { totalsOf } from "./totals.js";
import { Unrolling } from "./unroll.js";
import { waitsOf } from "./waits.js";

export interface BatchOptions<Feeds extends string = string> {
  /**
   * The inputs that hold examples and the axis of these. Unless given: axis 0 of every input that has there the extent that
   * most inputs have.
   */
  readonly batch?: BatchAxes<Feeds>;
}

export interface AccumulateOptions<Feeds extends string = string> extends BatchOptions<Feeds> {
  /** Into how many equal parts the batch is divided. */
  readonly microBatches: number;
}

/**
 * The same step, computed in `microBatches` equal parts of its batch: a graph with the same inputs, outputs and updates,
 * whose values are the same up to the rounding of sums. Sums over the batch are added up part by part; outputs with an
 * entry per example are joined. Statistics of the inputs alone, such as the number of targets that count, are computed
 * first. In contrast to `accumulateGradients`, which spreads one update over several runs, this is one run over one batch.
 * Source of the idea: Huang et al., "GPipe", NeurIPS 2019, without the pipeline.
 * @throws MicroBatchError when the batch does not divide, or for a node that mixes examples, as batch normalization does.
 */
export function accumulate<Feeds extends string, Outputs extends string>(
  step: Graph<Feeds, Outputs>,
  options: AccumulateOptions<Feeds>,
): Graph<Feeds, Outputs>;
export function accumulate(step: Graph, { microBatches, batch: axes }: AccumulateOptions): Graph {
  if (!Number.isSafeInteger(microBatches) || microBatches < 1) {
    throw new MicroBatchError("count", `microBatches must be a positive integer, not ${microBatches}.`);
  }
  if (microBatches === 1) return step;
  const batch = batchOf(step, axes);
  checkCount(microBatches, batch);
  const simple = rewrite(step, [expand, withoutRule]);
  const roles = rolesOf(simple, batch, microBatches);
  const demands = demandsOf(simple, roles, microBatches);
  const totals = totalsOf(simple, roles);
  const unrolling = new Unrolling(roles, totals, demands, microBatches);
  for (const node of simple.nodes) unrolling.visit(node);
  const results = [...Object.values<Node>(simple.outputs), ...simple.updates.map(({ value }) => value)];
  const wholes = results.map((node) => unrolling.whole(node));
  const inOrder = sequenced(wholes, slicesThatWait(unrolling, waitsOf(simple, roles, totals.combined)));
  const resultOf = (node: Node): Node => {
    const whole = unrolling.whole(node);
    return inOrder.get(whole) ?? whole;
  };
  return freeze({
    outputs: Object.fromEntries(
      Object.entries<Node>(simple.outputs).map(([name, node]) => [name, resultOf(node)]),
    ),
    updates: simple.updates.map(({ parameter, value }) => ({ parameter, value: resultOf(value) })),
  });
}

/** For each slice but the first of an input: one node behind what the part before leaves. */
function slicesThatWait(unrolling: Unrolling, waits: ReadonlyMap<Node, readonly Node[]>): Map<Node, Node> {
  const waiting = new Map<Node, Node>();
  for (const [input, totals] of waits) {
    for (const [part, slice] of unrolling.piecesOf(input).entries()) {
      const left = totals.flatMap((total) => unrolling.piecesOf(total)[part - 1] ?? []);
      const before = part === 0 ? undefined : afterAll(left, part);
      if (before !== undefined) waiting.set(slice, before);
    }
  }
  return waiting;
}

/** The numbers of micro-batches that the batch of a step divides into, ascending from 1. @throws MicroBatchError. */
export function microBatchCounts<Feeds extends string>(
  step: Graph<Feeds>,
  options?: BatchOptions<Feeds>,
): number[];
export function microBatchCounts(step: Graph, { batch }: BatchOptions = {}): number[] {
  return countsOf(batchOf(step, batch));
}

/** Rules of differentiation have done their work when a step is complete. */
const withoutRule: Rule = {
  name: "custom-gradient",
  equation: "customGradient(y, …) = y, for differentiation is over",
  apply: (node) => (node.op.name === "customGradient" ? node.operands[0] : undefined),
};
