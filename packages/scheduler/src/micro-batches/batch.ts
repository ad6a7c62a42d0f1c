/** Which inputs hold a batch of examples, along which axis, and into how many parts it divides. It refuses to guess between two. */

import { extentOf, type Graph, NameError, type Node } from "@adjoint/core";
import { MicroBatchError } from "./error.js";

/** By name of the input: the axis of its examples. */
export type BatchAxes<Feeds extends string = string> = { readonly [Name in Feeds]?: number };

/** The inputs that are divided and the axis of each. @throws NameError, MicroBatchError. */
export function batchOf(graph: Graph, axes: BatchAxes | undefined): Map<Node, number> {
  const batch = axes === undefined ? leadingBatch(graph.inputs) : givenBatch(graph, axes);
  if (batch.size > 0) return batch;
  const found = graph.inputs.map(String).join(", ") || "none";
  throw new MicroBatchError(
    "batch",
    `No input holds a batch that micro-batches could divide (inputs: ${found}).`,
  );
}

/** Axis 0 of every input that has there the extent that most have. */
function leadingBatch(inputs: readonly Node[]): Map<Node, number> {
  const counts = new Map<number, number>();
  for (const { shape } of inputs) {
    const extent = shape[0] ?? 1;
    if (extent > 1) counts.set(extent, (counts.get(extent) ?? 0) + 1);
  }
  const most = Math.max(0, ...counts.values());
  const [extent, other] = [...counts].flatMap(([candidate, count]) => (count === most ? [candidate] : []));
  if (extent !== undefined && other !== undefined) {
    const list = inputs.map(String).join(", ");
    throw new MicroBatchError(
      "batch",
      `Is the batch of ${extent} or of ${other} examples (inputs: ${list})? Say so, as { batch: { x: 0, y: 0 } }.`,
    );
  }
  return new Map(
    inputs.filter(({ shape }) => extent !== undefined && shape[0] === extent).map((node) => [node, 0]),
  );
}

function givenBatch(graph: Graph, axes: BatchAxes): Map<Node, number> {
  const batch = new Map<Node, number>();
  for (const [name, axis] of Object.entries(axes)) {
    if (axis === undefined) continue;
    const input = graph.inputs.find((node) => node.attributes["name"] === name);
    if (input === undefined) {
      const known = graph.inputs.map((node) => graph.nameOf(node)).join(", ") || "none";
      throw new NameError(`batch: the step has no input "${name}" (inputs: ${known}).`, name);
    }
    if (!Number.isInteger(axis) || axis < 0 || axis >= input.shape.length) {
      throw new MicroBatchError("batch", `batch: ${String(input)} has no axis ${axis}.`, input);
    }
    batch.set(input, axis);
  }
  return batch;
}

/** The numbers of parts, ascending from 1, that every input of the batch divides into. */
export function countsOf(batch: ReadonlyMap<Node, number>): number[] {
  const extents = [...batch].map(([node, axis]) => extentOf(node.shape, axis));
  const least = Math.min(...extents);
  return Array.from({ length: least }, (_, index) => index + 1).filter((count) =>
    extents.every((extent) => extent % count === 0),
  );
}

/** @throws MicroBatchError for a number of parts that an input does not divide into. */
export function checkCount(count: number, batch: ReadonlyMap<Node, number>): void {
  const possible = countsOf(batch);
  if (possible.includes(count)) return;
  const [input, axis = 0] = [...batch].find(([node, at]) => extentOf(node.shape, at) % count !== 0) ?? [];
  const what = input === undefined ? "the batch" : `axis ${axis} of ${String(input)}`;
  const hint = possible.length === 0 ? "there are no examples" : `give one of ${possible.join(", ")}`;
  throw new MicroBatchError("count", `${count} micro-batches do not divide ${what} evenly: ${hint}.`, input);
}
