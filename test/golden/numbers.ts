/** Feeds for a graph and comparison of arrays: what golden and random-graph tests share. */

import { type Graph, initialize, type Node, sizeOf } from "@adjoint/core";
import { expect } from "vitest";

/** Deterministic values for every input: floats in [-2, 2), small non-negative integers, alternating bools. */
export function feedsFor(graph: Graph): {
  readonly [name: string]: Float32Array | Int32Array | Uint32Array | Uint8Array;
} {
  return Object.fromEntries(graph.inputs.map((node) => [graph.nameOf(node), feed(node)]));
}

function feed({ dtype, shape, attributes }: Node): Float32Array | Int32Array | Uint32Array | Uint8Array {
  const seed = [...String(attributes["name"])].reduce(
    (hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 65_521,
    7,
  );
  const uniform = initialize({ kind: "uniform", low: 0, high: 1, seed }, shape);
  const length = sizeOf(shape);
  if (dtype === "int32") return Int32Array.from({ length }, (_, i) => Math.floor(3 * (uniform[i] ?? 0)));
  if (dtype === "uint32") return Uint32Array.from({ length }, (_, i) => Math.floor(3 * (uniform[i] ?? 0)));
  if (dtype === "bool") return Uint8Array.from({ length }, (_, i) => Math.round(uniform[i] ?? 0));
  return Float32Array.from({ length }, (_, i) => 4 * (uniform[i] ?? 0) - 2);
}

/** Equal up to `tolerance` relative to the largest finite magnitude; NaN and infinities exactly. */
export function expectClose(
  actual: ArrayLike<number> | undefined,
  expected: ArrayLike<number> | undefined,
  tolerance: number,
  what = "",
): void {
  expect(actual?.length, what).toBe(expected?.length);
  const scale = Array.from(expected ?? []).reduce(
    (top, x) => (Number.isFinite(x) ? Math.max(top, Math.abs(x)) : top),
    1e-30,
  );
  for (let index = 0; index < (expected?.length ?? 0); index++) {
    const a = actual?.[index] ?? Number.NaN;
    const b = expected?.[index] ?? Number.NaN;
    const close = Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * scale;
    if (!close) expect.fail(`${what}[${index}]: ${a} instead of ${b} (tolerance ${tolerance} of ${scale})`);
  }
}
