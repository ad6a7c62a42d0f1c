/**
 * Builds the kernel of one cluster: inlines every member that is not stored into the loads, accumulators and the store of
 * its root. It refuses to decide what is stored; it says which node must be where inlining is impossible.
 */

import { extentOf, type LoopNest, lowerNode, type Node, type Shape, sizeOf } from "@adjoint/core";
import {
  type Affine,
  axisTimes,
  type Bound,
  type Combine,
  type Indirect,
  type Kernel,
  type KernelLeaf,
  type KernelScalar,
  type Load,
  type Scalar,
  type Stage,
  scalar as s,
  scalarsOf,
  substitute,
  zero,
} from "@adjoint/core/kernel";
import { aliasesOf } from "./alias.js";
import { baseOf } from "./base.js";
import { coalesce } from "./coalesce.js";
import {
  boundsHold,
  composePosition,
  delinearize,
  isAffine,
  linearize,
  neededBounds,
  type Position,
  scalarOf,
} from "./positions.js";

/** Thrown when a node inside a cluster cannot be evaluated there. */
export class MustStore extends Error {
  readonly node: Node;

  constructor(node: Node) {
    super(`${String(node)} must be stored.`);
    this.node = node;
  }
}

export interface Built {
  readonly kernel: Kernel;
  /** What each read buffer holds; the written buffer is the last of the kernel. */
  readonly reads: readonly Node[];
}

/** The axes a scalar is evaluated under: kernel axes, then those of its stage. */
interface Scope {
  readonly extents: readonly number[];
  readonly outer: number;
}

/**
 * The kernel that computes `root` from stored nodes and leaves.
 * @throws MustStore naming the node that cannot be inlined.
 */
export function buildKernel(root: Node, isStored: (node: Node) => boolean): Built {
  const lowering = lowerNode(root);
  if (lowering.kind === "opaque") {
    return { kernel: lowering.kernel(), reads: root.operands.map(baseOf) };
  }
  const rank = root.shape.length;
  const all = Array.from({ length: rank }, (_, axis) => axis);
  const first = new KernelBuilder(root, isStored, all);
  const built = first.build();
  const outer = first.reductionAxes();
  if (outer === undefined || outer.length === rank) return built;
  return new KernelBuilder(root, isStored, outer).build();
}

class KernelBuilder {
  readonly #root: Node;
  readonly #isStored: (node: Node) => boolean;
  /** Axes of the root that are the kernel's; the others are looped over inside the last stage. */
  readonly #outer: readonly number[];
  readonly #inner: readonly number[];
  readonly #reads: Node[] = [];
  readonly #stages: Stage[] = [];
  readonly #memo = new Map<string, KernelScalar>();
  readonly #numbers = new Map<Node, number>();
  readonly #reductions: { readonly node: Node; readonly axes: readonly number[] }[] = [];

  constructor(root: Node, isStored: (node: Node) => boolean, outer: readonly number[]) {
    this.#root = root;
    this.#isStored = isStored;
    this.#outer = outer;
    this.#inner = root.shape.map((_, axis) => axis).filter((axis) => !outer.includes(axis));
  }

  build(): Built {
    const root = this.#root;
    const order = [...this.#outer, ...this.#inner];
    const positions = root.shape.map((extent, axis) => walk(order.indexOf(axis), extent));
    const extents = order.map((axis) => extentOf(root.shape, axis));
    const scope: Scope = { extents, outer: this.#outer.length };
    const value = this.#evaluate(root, positions, [], scope);
    const buffer = this.#reads.length;
    const store = { buffer, offset: linearize(positions, root.shape), indirect: [], bounds: [], value };
    const axes = extents.slice(this.#outer.length);
    const kernel = coalesce({
      buffers: [
        ...this.#reads.map((node) => ({
          dtype: node.dtype,
          size: sizeOf(node.shape),
          access: "read" as const,
        })),
        { dtype: root.dtype, size: sizeOf(root.shape), access: "write" },
      ],
      axes: extents.slice(0, this.#outer.length).map((extent) => ({ extent, order: "parallel" })),
      stages: [...this.#stages, { axes, accumulators: [], stores: [store] }],
      aliases: [],
    });
    return { kernel: { ...kernel, aliases: aliasesOf(kernel) }, reads: this.#reads };
  }

  /**
   * The axes of the root that every inlined reduction depends on; undefined without reductions.
   * @throws MustStore where they differ, or where a reduction over everything would feed a parallel map.
   */
  reductionAxes(): readonly number[] | undefined {
    const [first] = this.#reductions;
    if (first === undefined) return undefined;
    const widest = this.#reductions.reduce((a, b) => (b.axes.length > a.axes.length ? b : a));
    for (const { node, axes } of this.#reductions) {
      if (axes.join() !== widest.axes.join()) throw new MustStore(node);
      const partial = axes.length < this.#root.shape.filter((extent) => extent !== 1).length;
      if (partial && (axes.length === 0 || lowerNode(node).kind === "contract")) throw new MustStore(node);
    }
    return widest.axes;
  }

  /** The value of a node at a position, loaded if it is stored. */
  #read(node: Node, positions: readonly Position[], bounds: readonly Bound[], scope: Scope): KernelScalar {
    const key = this.#key(node, positions, bounds, scope);
    const known = key === undefined ? undefined : this.#memo.get(key);
    if (known !== undefined) return known;
    const value = this.#isStored(baseOf(node))
      ? this.#load(node, positions, bounds, scope, 0)
      : this.#evaluate(node, positions, bounds, scope);
    if (key !== undefined) this.#memo.set(key, value);
    return value;
  }

  #evaluate(
    node: Node,
    positions: readonly Position[],
    bounds: readonly Bound[],
    scope: Scope,
  ): KernelScalar {
    const lowering = lowerNode(node);
    switch (lowering.kind) {
      case "map":
      case "view":
        return this.#body(node, lowering.loops, positions, bounds, scope);
      case "reduce":
      case "contract":
        return this.#reduce(node, lowering.loops, positions, bounds, scope);
      case "reshape": {
        const [operand] = node.operands;
        if (operand === undefined || !positions.every(isAffine)) throw new MustStore(operand ?? node);
        const inner = delinearize(linearize(positions, node.shape), operand.shape, scope.extents);
        if (inner === undefined) throw new MustStore(baseOf(operand));
        return this.#read(operand, inner, bounds, scope);
      }
      default:
        throw new MustStore(node);
    }
  }

  #body(
    node: Node,
    loops: LoopNest,
    positions: readonly Position[],
    bounds: readonly Bound[],
    scope: Scope,
  ): KernelScalar {
    const expand = (body: Scalar): KernelScalar =>
      substitute<Parameters<typeof resolve>[0], KernelLeaf>(body, resolve);
    const resolve = (leaf: Exclude<Scalar, { kind: "constant" | "operation" }>): KernelScalar => {
      if (leaf.kind === "coordinate") return scalarOf(positions[leaf.axis] ?? axisTimes(0, 0));
      return this.#operand(node, loops, leaf.index, positions, bounds, scope, expand);
    };
    return expand(loops.body);
  }

  /** The element of an operand that a loop nest reads at a position, with its fill outside. */
  #operand(
    node: Node,
    loops: LoopNest,
    index: number,
    positions: readonly Position[],
    bounds: readonly Bound[],
    scope: Scope,
    expand: (body: Scalar) => KernelScalar,
  ): KernelScalar {
    const operand = node.operands[index];
    const access = loops.accesses[index];
    if (operand === undefined || access === undefined) throw new MustStore(node);
    const inner = access.index.map((part) =>
      "computed" in part ? expand(part.computed) : composePosition(part, positions),
    );
    const stored = this.#isStored(baseOf(operand));
    if (!inner.every(isAffine) && !stored) throw new MustStore(baseOf(operand));
    if (access.fill === undefined && inner.every(isAffine)) return this.#read(operand, inner, bounds, scope);
    const own = inner.flatMap((position, axis) =>
      isAffine(position) ? [{ value: position, extent: extentOf(operand.shape, axis) }] : [],
    );
    const guard = neededBounds(own, scope.extents);
    const fill = access.fill ?? (operand.dtype === "bool" ? 0 : Number.NaN);
    if (stored) return this.#load(operand, inner, [...bounds, ...guard], scope, fill);
    const value = this.#read(operand, inner, [...bounds, ...guard], scope);
    return guard.length === 0
      ? value
      : s.select(boundsHold(guard), value, s.cast(constantOf(fill, operand), operand.dtype));
  }

  #load(
    node: Node,
    positions: readonly Position[],
    bounds: readonly Bound[],
    scope: Scope,
    fill: number,
  ): KernelScalar {
    const base = baseOf(node);
    const affine = positions.map((position) => (isAffine(position) ? position : axisTimes(0, 0)));
    const steps = strideList(node.shape);
    const indirect = positions.flatMap((position, axis): Indirect[] =>
      isAffine(position)
        ? []
        : [{ index: position, stride: steps[axis] ?? 0, extent: extentOf(node.shape, axis) }],
    );
    const load: Load = {
      kind: "load",
      dtype: base.dtype,
      buffer: this.#bufferOf(base),
      offset: linearize(affine, node.shape),
      indirect,
      bounds: neededBounds(bounds, scope.extents),
      fill,
    };
    if (indirect.length > 0) return load;
    const key = JSON.stringify([
      "load",
      load.buffer,
      trimmed(load.offset),
      load.bounds.map(trimBound),
      `${fill}`,
    ]);
    const known = this.#memo.get(key);
    if (known !== undefined) return known;
    this.#memo.set(key, load);
    return load;
  }

  #bufferOf(base: Node): number {
    const known = this.#reads.indexOf(base);
    return known >= 0 ? known : this.#reads.push(base) - 1;
  }

  /** Adds an accumulator for a reduction at a position that only kernel axes move. */
  #reduce(
    node: Node,
    loops: LoopNest,
    positions: readonly Position[],
    bounds: readonly Bound[],
    scope: Scope,
  ): KernelScalar {
    if (bounds.length > 0 || !positions.every(isAffine)) throw new MustStore(node);
    const used = new Set(
      positions.flatMap(({ strides }) => strides.flatMap((stride, axis) => (stride === 0 ? [] : [axis]))),
    );
    if ([...used].some((axis) => axis >= scope.outer)) throw new MustStore(node);
    const key = JSON.stringify(["reduce", this.#numberOf(node), positions.map(trimmed)]);
    const known = this.#memo.get(key);
    if (known !== undefined) return known;
    if (node !== this.#root) {
      const axes = [...used].map((axis) => this.#outer[axis] ?? axis);
      this.#reductions.push({ node, axes: axes.sort((a, b) => a - b) });
    }
    const inner: Scope = {
      extents: [...scope.extents.slice(0, scope.outer), ...loops.reduced],
      outer: scope.outer,
    };
    const iteration = [
      ...positions,
      ...loops.reduced.map((extent, axis) => walk(scope.outer + axis, extent)),
    ];
    const value = this.#body(node, loops, iteration, [], inner);
    const result = this.#accumulate(loops.reduced, loops.combine ?? "add", value);
    this.#memo.set(key, result);
    return result;
  }

  /** In the earliest stage with the same loops that comes after everything the value reads. */
  #accumulate(axes: Shape, combine: Combine, value: KernelScalar): KernelScalar {
    const needed = Math.max(
      -1,
      ...scalarsOf([value]).map((part) => (part.kind === "accumulator" ? part.stage : -1)),
    );
    let stage = this.#stages.findIndex(
      (candidate, position) => position > needed && candidate.axes.join() === axes.join(),
    );
    if (stage < 0) stage = this.#stages.push({ axes, accumulators: [], stores: [] }) - 1;
    const before = this.#stages[stage];
    const accumulators = before?.accumulators ?? [];
    this.#stages[stage] = { axes, accumulators: [...accumulators, { combine, value }], stores: [] };
    return { kind: "accumulator", dtype: value.dtype, stage, index: accumulators.length };
  }

  /** Equal keys are equal values: positions are affine and scopes have the same axes. */
  #key(
    node: Node,
    positions: readonly Position[],
    bounds: readonly Bound[],
    scope: Scope,
  ): string | undefined {
    if (!positions.every(isAffine)) return undefined;
    return JSON.stringify([
      this.#numberOf(node),
      positions.map(trimmed),
      bounds.map(trimBound),
      scope.extents,
    ]);
  }

  #numberOf(node: Node): number {
    const number = this.#numbers.get(node) ?? this.#numbers.size;
    this.#numbers.set(node, number);
    return number;
  }
}

/** The position on an axis; one that never moves is written as 0, so that equal positions are written equally. */
function walk(axis: number, extent: number): Affine {
  return extent === 1 ? zero : axisTimes(axis);
}

function strideList(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

function constantOf(value: number, like: Node): KernelScalar {
  return { kind: "constant", dtype: like.dtype, value };
}

function trimmed({ offset, strides }: Affine): readonly number[] {
  return [offset, ...strides.flatMap((stride, axis) => (stride === 0 ? [] : [axis, stride]))];
}

function trimBound({ value, extent }: Bound): readonly unknown[] {
  return [trimmed(value), extent];
}
