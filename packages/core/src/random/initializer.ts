/** Initial values of parameters, as plain data that is saved with the graph. It refuses to hold tensors of the user's. */

import type { Shape } from "../shape.js";
import { sizeOf } from "../shape.js";
import { normalAt, orthogonalMatrix, truncatedNormalAt } from "./sample.js";
import { uniformAt } from "./threefry.js";

/**
 * A variance of scale / (fanIn · inputs + fanOut · outputs), where inputs and outputs are those of a weight
 * [outputs, inputs, …kernel]: each times the size of the kernel.
 */
interface Scaled {
  readonly scale: number;
  readonly fanIn: number;
  readonly fanOut: number;
  readonly seed: number;
}

export type Initializer =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "normal"; readonly mean: number; readonly std: number; readonly seed: number }
  | { readonly kind: "uniform"; readonly low: number; readonly high: number; readonly seed: number }
  /** Normal, given that it lies within [low, high] standard deviations of the mean. */
  | {
      readonly kind: "truncatedNormal";
      readonly mean: number;
      readonly std: number;
      readonly low: number;
      readonly high: number;
      readonly seed: number;
    }
  | ({ readonly kind: "scaledNormal" } & Scaled)
  | ({ readonly kind: "scaledUniform" } & Scaled)
  | { readonly kind: "orthogonal"; readonly gain: number; readonly seed: number }
  | { readonly kind: "values"; readonly values: readonly number[] };

/** The numbers that each kind consists of, in the order in which they print; `values` is a list. */
export const initializerFields = {
  constant: ["value"],
  normal: ["mean", "std", "seed"],
  uniform: ["low", "high", "seed"],
  truncatedNormal: ["mean", "std", "low", "high", "seed"],
  scaledNormal: ["scale", "fanIn", "fanOut", "seed"],
  scaledUniform: ["scale", "fanIn", "fanOut", "seed"],
  orthogonal: ["gain", "seed"],
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

/** Independent N(mean, std²) elements, given that each lies within [low, high] standard deviations of the mean. */
export function truncatedNormal({
  mean = 0,
  std = 1,
  low = -2,
  high = 2,
  seed = 0,
}: {
  mean?: number;
  std?: number;
  low?: number;
  high?: number;
  seed?: number;
} = {}): Initializer {
  return { kind: "truncatedNormal", mean, std, low, high, seed };
}

export interface ScaledOptions {
  /** Multiplies the standard deviation; 1 unless given (PyTorch's calculate_gain has values for activations). */
  readonly gain?: number;
  readonly seed?: number;
}

export interface HeOptions extends ScaledOptions {
  /** Whether forward values (`fanIn`, unless given) or adjoints keep their variance. */
  readonly mode?: "fanIn" | "fanOut";
}

type ScaledKind = "scaledNormal" | "scaledUniform";

function glorot(kind: ScaledKind, { gain = 1, seed = 0 }: ScaledOptions): Initializer {
  return { kind, scale: gain * gain, fanIn: 0.5, fanOut: 0.5, seed };
}

function he(kind: ScaledKind, { gain = 1, mode = "fanIn", seed = 0 }: HeOptions): Initializer {
  return {
    kind,
    scale: 2 * gain * gain,
    fanIn: mode === "fanIn" ? 1 : 0,
    fanOut: mode === "fanIn" ? 0 : 1,
    seed,
  };
}

/** Uniform of variance 2 gain² / (inputs + outputs) for a weight [outputs, inputs, …kernel]. Source: Glorot & Bengio, 2010. */
export function glorotUniform(options: ScaledOptions = {}): Initializer {
  return glorot("scaledUniform", options);
}

/** Normal of variance 2 gain² / (inputs + outputs) for a weight [outputs, inputs, …kernel]. Source: Glorot & Bengio, 2010. */
export function glorotNormal(options: ScaledOptions = {}): Initializer {
  return glorot("scaledNormal", options);
}

/** Uniform of variance 2 gain² / inputs for a weight [outputs, inputs, …kernel] before relu. Source: He et al., arXiv:1502.01852. */
export function heUniform(options: HeOptions = {}): Initializer {
  return he("scaledUniform", options);
}

/** Normal of variance 2 gain² / inputs for a weight [outputs, inputs, …kernel] before relu. Source: He et al., arXiv:1502.01852. */
export function heNormal(options: HeOptions = {}): Initializer {
  return he("scaledNormal", options);
}

/** Uniform of variance gain² / inputs for a weight [outputs, inputs, …kernel]. Source: LeCun et al., "Efficient BackProp", 1998. */
export function lecunUniform({ gain = 1, seed = 0 }: ScaledOptions = {}): Initializer {
  return { kind: "scaledUniform", scale: gain * gain, fanIn: 1, fanOut: 0, seed };
}

/** Normal of variance gain² / inputs for a weight [outputs, inputs, …kernel]. Source: LeCun et al., "Efficient BackProp", 1998. */
export function lecunNormal({ gain = 1, seed = 0 }: ScaledOptions = {}): Initializer {
  return { kind: "scaledNormal", scale: gain * gain, fanIn: 1, fanOut: 0, seed };
}

/**
 * Orthonormal rows or columns, whichever are fewer, times the gain: a weight [outputs, …] as a matrix of outputs rows.
 * Source: Saxe et al., arXiv:1312.6120.
 */
export function orthogonal({ gain = 1, seed = 0 }: ScaledOptions = {}): Initializer {
  return { kind: "orthogonal", gain, seed };
}

/** The standard deviation that a weight [outputs, inputs, …kernel] is to have; a vector is as many inputs as outputs. */
function deviation(
  { scale, fanIn, fanOut }: Scaled,
  [outputs = 1, inputs = outputs, ...kernel]: Shape,
): number {
  const size = sizeOf(kernel);
  return Math.sqrt(scale / (size * (fanIn * inputs + fanOut * outputs)));
}

/** The elements of a parameter before its first update, in row-major order. */
export function initialize(initializer: Initializer, shape: Shape): Float64Array {
  const size = sizeOf(shape);
  const drawn = (sample: (index: number) => number): Float64Array => {
    const elements = new Float64Array(size);
    for (let index = 0; index < size; index++) elements[index] = sample(index);
    return elements;
  };
  switch (initializer.kind) {
    case "constant":
      return new Float64Array(size).fill(initializer.value);
    case "values":
      return Float64Array.from(initializer.values);
    case "uniform": {
      const { low, high, seed } = initializer;
      return drawn((index) => low + (high - low) * uniformAt(seed, index));
    }
    case "normal": {
      const { mean, std, seed } = initializer;
      return drawn((index) => mean + std * normalAt(seed, index));
    }
    case "truncatedNormal": {
      const { mean, std, low, high, seed } = initializer;
      return drawn((index) => mean + std * truncatedNormalAt(seed, index, low, high));
    }
    case "scaledNormal": {
      const std = deviation(initializer, shape);
      return drawn((index) => std * normalAt(initializer.seed, index));
    }
    case "scaledUniform": {
      const limit = Math.sqrt(3) * deviation(initializer, shape);
      return drawn((index) => limit * (2 * uniformAt(initializer.seed, index) - 1));
    }
    case "orthogonal": {
      const { gain, seed } = initializer;
      const rows = shape[0] ?? 1;
      return orthogonalMatrix(seed, rows, sizeOf(shape.slice(1))).map((element) => gain * element);
    }
  }
}
