/** A file of examples as batches of the size a graph takes, in an order that seed and epoch decide. It refuses to train. */

import {
  AttributeError,
  formatShape,
  initialize,
  ShapeError,
  sameShape,
  sizeOf,
  uniform,
} from "@adjoint/core";
import type { StoredTensor } from "@adjoint/interchange/safetensors";
import type { FeedData } from "@adjoint/scheduler";
import { elementsFor, type NamedType, tensorFor } from "./feeds.js";

export interface Dataset {
  readonly examples: number;
  /** Whole batches in an epoch; the examples that do not fill a last one are left out, others in each epoch. */
  readonly stepsPerEpoch: number;
  /** Examples in a batch. */
  readonly batch: number;
  /** The feeds of a step, counted from 0 over all epochs; the same step gives the same feeds. */
  feeds(step: number): Record<string, FeedData>;
}

interface Column {
  readonly input: NamedType;
  readonly elements: ArrayLike<number>;
  /** Elements of one example. */
  readonly width: number;
}

/**
 * Examples from stored tensors, one per input: of the input's shape but for the first extent, which counts the examples. A
 * tensor of exactly the input's shape is fed whole in every step.
 * @throws NameError, ShapeError, DTypeError for what does not fit, AttributeError for fewer examples than a batch.
 */
export function datasetOf(
  inputs: readonly NamedType[],
  stored: ReadonlyMap<string, StoredTensor>,
  seed: number,
): Dataset {
  const tensors = inputs.map((input) => ({ input, tensor: tensorFor(input, stored) }));
  const isWhole = ({ input, tensor }: (typeof tensors)[number]): boolean =>
    sameShape(tensor.shape, input.shape);
  const whole = tensors.filter(isWhole);
  const columns = tensors
    .filter((pair) => !isWhole(pair))
    .map(({ input, tensor }): Column & { readonly count: number } => ({
      input,
      count: countIn(input, tensor),
      elements: elementsFor(input, tensor),
      width: sizeOf(input.shape.slice(1)),
    }));
  const fixed = Object.fromEntries(
    whole.map(({ input, tensor }): [string, FeedData] => [
      input.name,
      { shape: input.shape, data: elementsFor(input, tensor) },
    ]),
  );
  const [first] = columns;
  if (first === undefined) return { examples: 1, stepsPerEpoch: 1, batch: 1, feeds: () => fixed };
  const examples = agreed(
    columns.map(({ input, count }) => [input.name, count]),
    "examples",
  );
  const batch = agreed(
    columns.map(({ input }) => [input.name, input.shape[0] ?? 0]),
    "examples in a batch",
  );
  const stepsPerEpoch = batch === 0 ? 0 : Math.floor(examples / batch);
  if (stepsPerEpoch === 0)
    throw new AttributeError(`${examples} examples do not fill a batch of ${batch}`, first.input.name);
  const orderOf = latest((epoch) => shuffled(examples, seed, epoch));
  return {
    examples,
    stepsPerEpoch,
    batch,
    feeds: (step) => {
      const order = orderOf(Math.floor(step / stepsPerEpoch));
      const start = (step % stepsPerEpoch) * batch;
      const rows = order.subarray(start, start + batch);
      return {
        ...fixed,
        ...Object.fromEntries(columns.map((column) => [column.input.name, rowsOf(column, rows)])),
      };
    },
  };
}

function countIn(input: NamedType, { shape }: StoredTensor): number {
  const [count] = shape;
  if (count !== undefined && input.shape.length > 0 && sameShape(shape.slice(1), input.shape.slice(1)))
    return count;
  throw new ShapeError(
    `input "${input.name}" has shape ${formatShape(input.shape)}; stored as ${formatShape(shape)}, it is neither that nor a list of examples`,
    input.name,
  );
}

function agreed(counts: readonly (readonly [name: string, count: number])[], what: string): number {
  const [[firstName, first] = ["", 0], ...rest] = counts;
  const other = rest.find(([, count]) => count !== first);
  if (other === undefined) return first;
  throw new ShapeError(`"${firstName}" has ${first} ${what}, but "${other[0]}" has ${other[1]}`, other[0]);
}

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
} as const;

function rowsOf({ input, elements, width }: Column, rows: Uint32Array): FeedData {
  const data = new arrays[input.dtype](rows.length * width);
  let at = 0;
  for (const row of rows)
    for (let k = row * width; k < (row + 1) * width; k++) data[at++] = elements[k] ?? Number.NaN;
  return { shape: input.shape, data };
}

/** The numbers 0 ..< count in the order of independent uniform keys. */
function shuffled(count: number, seed: number, epoch: number): Uint32Array {
  const keys = initialize(uniform({ seed: (seed * 1_000_003 + epoch) % 2 ** 32 }), [count]);
  return Uint32Array.from({ length: count }, (_, k) => k).sort(
    (a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b,
  );
}

/** Remembers the result for the last argument. */
function latest<T>(make: (argument: number) => T): (argument: number) => T {
  let last: { readonly argument: number; readonly result: T } | undefined;
  return (argument) => {
    if (last?.argument !== argument) last = { argument, result: make(argument) };
    return last.result;
  };
}
