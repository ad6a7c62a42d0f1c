/** Initial values of parameters, as plain data that is saved with the graph. It refuses to hold tensors of the user's. */

import type { Shape } from "../shape.js";
import { sizeOf } from "../shape.js";
import { uniformAt } from "./threefry.js";

export type Initializer =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "normal"; readonly mean: number; readonly std: number; readonly seed: number }
  | { readonly kind: "uniform"; readonly low: number; readonly high: number; readonly seed: number }
  | { readonly kind: "values"; readonly values: readonly number[] };

/** The numbers that each kind consists of, in the order in which they print; `values` is a list. */
export const initializerFields = {
  constant: ["value"],
  normal: ["mean", "std", "seed"],
  uniform: ["low", "high", "seed"],
  values: [],
} as const satisfies Record<Initializer["kind"], readonly string[]>;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isInitializer(value: unknown): value is Initializer {
  if (
    !isRecord(value) ||
    typeof value["kind"] !== "string" ||
    !Object.hasOwn(initializerFields, value["kind"])
  )
    return false;
  if (value["kind"] === "values") {
    const { values } = value;
    return Array.isArray(values) && values.every((element) => typeof element === "number");
  }
  const names: readonly string[] =
    Object.entries(initializerFields).find(([kind]) => kind === value["kind"])?.[1] ?? [];
  return names.every((name) => typeof value[name] === "number");
}

/** Every element the same. */
export function filled(value: number): Initializer {
  return { kind: "constant", value };
}

/** Independent N(mean, std²) elements: Box–Muller over the counter-based generator; the seed alone decides. */
export function normal({
  mean = 0,
  std = 1,
  seed = 0,
}: {
  mean?: number;
  std?: number;
  seed?: number;
} = {}): Initializer {
  return { kind: "normal", mean, std, seed };
}

/** Independent elements uniform in [low, high); the seed alone decides. */
export function uniform({
  low = 0,
  high = 1,
  seed = 0,
}: {
  low?: number;
  high?: number;
  seed?: number;
} = {}): Initializer {
  return { kind: "uniform", low, high, seed };
}

/** Given elements in row-major order. */
export function values(elements: Iterable<number>): Initializer {
  return { kind: "values", values: [...elements] };
}

/** The elements of a parameter before its first update, in row-major order. */
export function initialize(initializer: Initializer, shape: Shape): Float64Array {
  const size = sizeOf(shape);
  switch (initializer.kind) {
    case "constant":
      return new Float64Array(size).fill(initializer.value);
    case "values":
      return Float64Array.from(initializer.values);
    case "uniform": {
      const { low, high, seed } = initializer;
      return Float64Array.from({ length: size }, (_, i) => low + (high - low) * uniformAt(seed, i));
    }
    case "normal": {
      const { mean, std, seed } = initializer;
      return Float64Array.from({ length: size }, (_, i) => mean + std * normalAt(seed, i));
    }
  }
}

function normalAt(seed: number, index: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniformAt(seed, 2 * index)));
  return radius * Math.cos(2 * Math.PI * uniformAt(seed, 2 * index + 1));
}
