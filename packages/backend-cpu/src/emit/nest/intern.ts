/**
 * Turns the scalars of a kernel into interned nodes: equal expressions become one node, guards that always hold vanish,
 * accesses that never happen become their fill. It refuses any other rewriting.
 */

import { type DType, VerificationError } from "@adjoint/core";
import {
  type Affine,
  convertScalar,
  inputsOf,
  isConstant,
  isOperation,
  type Kernel,
  type KernelScalar,
  type Load,
  type Location,
  rangeOfAffine,
  type ScalarOp,
  scalarsOf,
} from "@adjoint/core/kernel";
import type { Axes, StageAxes } from "./axes.js";
import { fold } from "./fold.js";
import { intervalOf } from "./interval.js";
import { axesOfAffine, bit, type GuardNode, inputsOfPlace, type Node, type Place } from "./node.js";

interface Dependencies {
  readonly axes: bigint;
  readonly accumulators: bigint;
  readonly written: bigint;
}
const independent: Dependencies = { axes: 0n, accumulators: 0n, written: 0n };

function together(nodes: readonly Node[]): Dependencies {
  return {
    axes: nodes.reduce((set, node) => set | node.axes, 0n),
    accumulators: nodes.reduce((set, node) => set | node.accumulators, 0n),
    written: nodes.reduce((set, node) => set | node.written, 0n),
  };
}

function keyOf({ offset, strides }: Affine): string {
  return `${offset}+${strides.join()}`;
}

/** The scalars of one stage and their nodes. */
export type Interned = Map<KernelScalar, Node>;

export class Interner {
  readonly #axes: Axes;
  /** Whether only operations that engines run in pairs may be used. */
  readonly #pairs: boolean;
  readonly #written: bigint;
  readonly #nodes = new Map<string, Node>();
  readonly #guards = new Map<string, GuardNode>();
  readonly #accumulators = new Map<string, Node>();
  #count = 0;

  constructor(kernel: Kernel, axes: Axes, pairs: boolean) {
    this.#axes = axes;
    this.#pairs = pairs;
    this.#written = kernel.stages
      .flatMap((stage) => stage.stores)
      .reduce((set, store) => set | bit(store.buffer), 0n);
  }

  /** The node of a scalar that is free of transcendental operations; `done` remembers those of its stage. */
  node(root: KernelScalar, stage: StageAxes, done: Interned): Node {
    for (const scalar of scalarsOf([root])) {
      if (!done.has(scalar)) done.set(scalar, this.#make(scalar, stage, done));
    }
    return find(done, root);
  }

  /** Makes an accumulator known to the scalars that follow; `axes` are those its final value depends on. */
  accumulator(stage: number, index: number, dtype: DType, axes: bigint): Node {
    const dependencies = { ...independent, axes, accumulators: bit(stage) };
    const node = this.#intern<Node>(this.#nodes, `accumulator ${stage} ${index}`, (id) => {
      return { ...dependencies, id, kind: "accumulator", dtype, stage, index };
    });
    this.#accumulators.set(`${stage}.${index}`, node);
    return node;
  }

  /** Makes the accumulator of a stage without points known: its identity. */
  emptyAccumulator(stage: number, index: number, dtype: DType, identity: number): void {
    this.#accumulators.set(`${stage}.${index}`, this.#constant(identity, dtype));
  }

  /** Where an access goes, or undefined when a bound can never hold. */
  place(location: Location, stage: StageAxes, done: Interned): Place | undefined {
    const guards: GuardNode[] = [];
    for (const { value, extent } of location.bounds) {
      const guard = this.#within(stage.translate(value), extent);
      if (guard === "never") return undefined;
      if (guard !== "always" && !guards.includes(guard)) guards.push(guard);
    }
    const indirect = location.indirect.map(({ index, stride, extent }) => {
      const node = this.node(index, stage, done);
      const { low, high } = intervalOf(node, this.#axes.extents);
      if (low < 0 || high >= extent) guards.push(this.#inside(node, extent));
      return { index: node, stride };
    });
    return { buffer: location.buffer, offset: stage.translate(location.offset), indirect, guards };
  }

  #make(scalar: KernelScalar, stage: StageAxes, done: Interned): Node {
    if (isConstant(scalar)) return this.#constant(scalar.value, scalar.dtype);
    if (isOperation(scalar)) {
      return this.#operation(
        scalar.op,
        scalar.dtype,
        inputsOf(scalar).map((input) => find(done, input)),
      );
    }
    switch (scalar.kind) {
      case "coordinate":
        return this.#coordinate(stage.axisOf(scalar.axis));
      case "accumulator":
        return find(this.#accumulators, `${scalar.stage}.${scalar.index}`);
      case "load":
        return this.#load(scalar, stage, done);
    }
  }

  #constant(value: number, dtype: DType): Node {
    const converted = convertScalar(value, dtype);
    const key = `constant ${dtype} ${Object.is(converted, -0) ? "-0" : converted}`;
    return this.#intern(this.#nodes, key, (id) => {
      return { ...independent, id, kind: "constant", dtype, value: converted };
    });
  }

  #coordinate(axis: number | undefined): Node {
    if (axis === undefined) return this.#constant(0, "int32");
    return this.#intern(this.#nodes, `coordinate ${axis}`, (id) => {
      return { ...independent, axes: bit(axis), id, kind: "coordinate", dtype: "int32", axis };
    });
  }

  #operation(op: ScalarOp, dtype: DType, inputs: readonly Node[]): Node {
    const [first] = inputs;
    if (this.#pairs && op === "round" && dtype === "float32" && first !== undefined)
      return this.#round(first);
    const folded = fold(op, inputs, this.#axes.extents);
    if (folded?.kind === "node") return folded.node;
    if (folded?.kind === "constant") return this.#constant(folded.value, dtype);
    if (folded !== undefined && first !== undefined)
      return this.#operation(folded.op, dtype, [first, this.#constant(folded.by, dtype)]);
    const key = `${op} ${dtype} ${inputs.map(({ id }) => id).join()}`;
    return this.#intern(this.#nodes, key, (id) => {
      return { ...together(inputs), id, kind: "operation", dtype, op, inputs };
    });
  }

  /**
   * V8 pairs everything that kernels use but roundings: (x + 1.5 · 2²³) − 1.5 · 2²³ where |x| ≤ 2²², with the sign of x, which
   * zeros would lose.
   */
  #round(x: Node): Node {
    const { low, high } = intervalOf(x, this.#axes.extents);
    if (low < -(2 ** 22) || high > 2 ** 22) return this.#roundAny(x);
    const shifter = this.#constant(1.5 * 2 ** 23, "float32");
    const above = this.#operation("add", "float32", [x, shifter]);
    return this.#signed(this.#operation("sub", "float32", [above, shifter]), x);
  }

  /** (|x| + 2²³) − 2²³ with the sign of x, where |x| < 2²³. */
  #roundAny(x: Node): Node {
    const limit = this.#constant(2 ** 23, "float32");
    const magnitude = this.#operation("abs", "float32", [x]);
    const above = this.#operation("add", "float32", [magnitude, limit]);
    const signed = this.#signed(this.#operation("sub", "float32", [above, limit]), x);
    const inside = this.#operation("lt", "bool", [magnitude, limit]);
    return this.#operation("select", "float32", [inside, signed, x]);
  }

  /** A float32 that is 0 or has the sign of another, with that sign. */
  #signed(value: Node, of: Node): Node {
    const bits = (node: Node): Node => this.#operation("bitcast", "int32", [node]);
    const sign = this.#operation("and", "int32", [bits(of), this.#constant(-(2 ** 31), "int32")]);
    const signed = this.#operation("or", "int32", [bits(value), sign]);
    return this.#operation("bitcast", "float32", [signed]);
  }

  #load(load: Load, stage: StageAxes, done: Interned): Node {
    const place = this.place(load, stage, done);
    if (place === undefined) return this.#constant(load.fill, load.dtype);
    const inputs = inputsOfPlace(place);
    const guards = place.guards.map(({ id }) => id).join();
    const indirect = place.indirect.map(({ index, stride }) => `${index.id}*${stride}`).join();
    const key = `load ${load.buffer} ${keyOf(place.offset)} ${guards} ${indirect} ${load.fill}`;
    return this.#intern(this.#nodes, key, (id) => {
      const inner = together(inputs);
      const axes = inner.axes | axesOfAffine(place.offset);
      const written = inner.written | (this.#written & bit(load.buffer));
      const { dtype, fill } = load;
      return { ...inner, axes, written, ...place, id, kind: "load", dtype, fill: convertScalar(fill, dtype) };
    });
  }

  #within(value: Affine, extent: number): GuardNode | "always" | "never" {
    const { low, high } = rangeOfAffine(value, this.#axes.extents);
    if (low >= 0 && high < extent) return "always";
    if (high < 0 || low >= extent) return "never";
    return this.#intern(this.#guards, `within ${keyOf(value)} ${extent}`, (id) => {
      return { ...independent, axes: axesOfAffine(value), id, kind: "within", dtype: "bool", value, extent };
    });
  }

  #inside(index: Node, extent: number): GuardNode {
    return this.#intern(this.#guards, `inside ${index.id} ${extent}`, (id) => {
      return { ...together([index]), id, kind: "inside", dtype: "bool", index, extent };
    });
  }

  #intern<N>(nodes: Map<string, N>, key: string, make: (id: number) => N): N {
    const found = nodes.get(key);
    if (found !== undefined) return found;
    const node = make(this.#count++);
    nodes.set(key, node);
    return node;
  }
}

function find<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) {
    throw new VerificationError("A kernel reads an accumulator that is not known yet.", String(key));
  }
  return value;
}
