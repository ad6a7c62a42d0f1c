/**
 * Builds the kernel of one cluster: inlines every member that is not stored into the loads, accumulators and the store of
 * its root. It refuses to decide what is stored; it says which node must be where inlining is impossible.
 */

import { extentOf, isComputed, type LoopNest, lowerNode, type Node, sizeOf } from "@adjoint/core";
import {
  type Affine,
  axisTimes,
  type Bound,
  constant,
  convertScalar,
  type Kernel,
  type KernelLeaf,
  type KernelScalar,
  type Load,
  type Scalar,
  scalar as s,
  sameAffine,
  substitute,
  zero,
} from "@adjoint/core/kernel";
import { aliasesOf } from "./alias.js";
import { baseOf } from "./base.js";
import { coalesce } from "./coalesce.js";
import { LoadTable } from "./loads.js";
import { MustStore } from "./must-store.js";
import { affineKey, type Point, pointKey, type Scope } from "./point.js";
import {
  aroundUnits,
  boundsHold,
  composePosition,
  delinearize,
  isAffine,
  linearize,
  neededBounds,
  scalarOf,
  within,
} from "./positions.js";
import { StageList } from "./stages.js";

export interface Built {
  readonly kernel: Kernel;
  /** What each read buffer holds; the written buffer is the last of the kernel. */
  readonly reads: readonly Node[];
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
  const first = new KernelBuilder(
    root,
    isStored,
    Array.from({ length: rank }, (_, axis) => axis),
  );
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
  readonly #loads = new LoadTable();
  readonly #stages = new StageList();
  readonly #values = new Map<string, KernelScalar>();
  readonly #numbers = new Map<Node, number>();
  readonly #reductions: { readonly node: Node; readonly axes: readonly number[] }[] = [];

  constructor(root: Node, isStored: (node: Node) => boolean, outer: readonly number[]) {
    this.#root = root;
    this.#isStored = isStored;
    this.#outer = outer;
  }

  build(): Built {
    const { dtype, shape } = this.#root;
    const inner = shape.map((_, axis) => axis).filter((axis) => !this.#outer.includes(axis));
    const order = [...this.#outer, ...inner];
    const positions = shape.map((extent, axis) => walk(order.indexOf(axis), extent));
    const extents = order.map((axis) => extentOf(shape, axis));
    const outer = this.#outer.length;
    const value = this.#evaluate(this.#root, { positions, bounds: [], scope: { extents, outer } });
    const { reads } = this.#loads;
    const offset = linearize(positions, shape);
    const store = { buffer: reads.length, offset, indirect: [], bounds: [], value };
    const kernel = coalesce({
      buffers: [
        ...reads.map((node) => ({ dtype: node.dtype, size: sizeOf(node.shape), access: "read" as const })),
        { dtype, size: sizeOf(shape), access: "write" },
      ],
      axes: extents.slice(0, outer).map((extent) => ({ extent, order: "parallel" })),
      stages: [...this.#stages.stages, { axes: extents.slice(outer), accumulators: [], stores: [store] }],
      aliases: [],
    });
    return { kernel: { ...kernel, aliases: aliasesOf(kernel) }, reads };
  }

  /**
   * The axes of the root that every inlined reduction depends on; undefined without reductions.
   * @throws MustStore where they differ, where a reduction over everything would feed a parallel map, or where a root that
   * reduces itself would loop over axes that the inlined reduction does not depend on.
   */
  reductionAxes(): readonly number[] | undefined {
    const [first] = this.#reductions;
    if (first === undefined) return undefined;
    const widest = this.#reductions.reduce((a, b) => (b.axes.length > a.axes.length ? b : a));
    const moving = this.#root.shape.filter((extent) => extent !== 1).length;
    const reduces = ["reduce", "contract"].includes(lowerNode(this.#root).kind);
    for (const { node, axes } of this.#reductions) {
      if (axes.join() !== widest.axes.join()) throw new MustStore(node);
      const partial = axes.length < moving;
      const often = reduces || axes.length === 0 || lowerNode(node).kind === "contract";
      if (partial && often) throw new MustStore(node);
    }
    return widest.axes;
  }

  /** The value of a node at a point, loaded if it is stored. */
  #read(node: Node, point: Point): KernelScalar {
    const place = pointKey(point);
    const key = place === undefined ? undefined : `${this.#numberOf(node)} ${place}`;
    const known = key === undefined ? undefined : this.#values.get(key);
    if (known !== undefined) return known;
    const stored = this.#isStored(baseOf(node));
    const value = stored ? this.#loads.load(node, point, 0) : this.#evaluate(node, point);
    if (key !== undefined) this.#values.set(key, value);
    return value;
  }

  #evaluate(node: Node, point: Point): KernelScalar {
    const lowering = lowerNode(node);
    switch (lowering.kind) {
      case "map":
      case "view":
        return this.#body(node, lowering.loops, point);
      case "reduce":
      case "contract":
        return this.#reduce(node, lowering.loops, point);
      case "reshape":
        return this.#reshape(node, point);
      default:
        throw new MustStore(node);
    }
  }

  #reshape(node: Node, { positions, bounds, scope }: Point): KernelScalar {
    const [operand] = node.operands;
    if (operand === undefined) throw new MustStore(node);
    const inner = positions.every(isAffine)
      ? delinearize(linearize(positions, node.shape), operand.shape, scope.extents)
      : aroundUnits(positions, node.shape, operand.shape);
    if (inner === undefined) throw new MustStore(baseOf(operand));
    return this.#read(operand, { positions: inner, bounds, scope });
  }

  #body(node: Node, loops: LoopNest, point: Point): KernelScalar {
    const expand = (body: Scalar): KernelScalar =>
      substitute<Parameters<typeof resolve>[0], KernelLeaf>(body, resolve);
    const resolve = (leaf: Exclude<Scalar, { kind: "constant" | "operation" }>): KernelScalar =>
      leaf.kind === "coordinate"
        ? scalarOf(point.positions[leaf.axis] ?? zero)
        : this.#operand(node, loops, leaf.index, point, expand);
    return expand(loops.body);
  }

  /** The element of an operand that a loop nest reads at a point, with its fill outside. */
  #operand(
    node: Node,
    loops: LoopNest,
    index: number,
    { positions, bounds, scope }: Point,
    expand: (body: Scalar) => KernelScalar,
  ): KernelScalar {
    const operand = node.operands[index];
    const access = loops.accesses[index];
    if (operand === undefined || access === undefined) throw new MustStore(node);
    const inner = access.index.map((part) =>
      "computed" in part ? expand(part.computed) : composePosition(part, positions),
    );
    const stored = this.#isStored(baseOf(operand));
    const affine = inner.every(isAffine);
    if (!affine && !stored) return this.#moved(operand, { positions: inner, bounds, scope }, access.fill);
    if (affine && access.fill === undefined) return this.#read(operand, { positions: inner, bounds, scope });
    const inside = inner.flatMap((value, axis) =>
      isAffine(value) ? [{ value, extent: extentOf(operand.shape, axis) }] : [],
    );
    const guard = neededBounds(inside, scope.extents);
    const guarded: Point = { positions: inner, bounds: [...bounds, ...guard], scope };
    const fill = convertScalar(access.fill ?? Number.NaN, operand.dtype);
    if (stored) return this.#loads.load(operand, guarded, fill);
    const value = this.#read(operand, guarded);
    // A load within the same bounds yields the fill by itself.
    if (value.kind === "load" && guard.length > 0 && fillsAlike(value, guard, fill)) return value;
    return guard.length === 0 ? value : s.select(boundsHold(guard), value, constant(fill, operand.dtype));
  }

  /** The element at a computed position of a node that only moves elements, with its fill outside. */
  #moved(node: Node, point: Point, fill: number | undefined): KernelScalar {
    if (!movesElements(node)) throw new MustStore(baseOf(node));
    const value = this.#evaluate(node, point);
    if (fill === undefined) return value;
    const outside = constant(convertScalar(fill, node.dtype), node.dtype);
    return s.select(within(point.positions, node.shape, point.scope.extents), value, outside);
  }

  /** An accumulator for a reduction at a point that only kernel axes move. */
  #reduce(node: Node, loops: LoopNest, { positions, bounds, scope }: Point): KernelScalar {
    if (bounds.length > 0 || !positions.every(isAffine)) throw new MustStore(node);
    const moved = new Set(
      positions.flatMap(({ strides }) => strides.flatMap((stride, axis) => (stride === 0 ? [] : [axis]))),
    );
    if ([...moved].some((axis) => axis >= scope.outer)) throw new MustStore(node);
    const key = JSON.stringify(["reduce", this.#numberOf(node), positions.map(affineKey)]);
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    if (node !== this.#root) {
      const axes = [...moved].map((axis) => this.#outer[axis] ?? axis).sort((a, b) => a - b);
      this.#reductions.push({ node, axes });
    }
    const inner: Scope = {
      extents: [...scope.extents.slice(0, scope.outer), ...loops.reduced],
      outer: scope.outer,
    };
    const reduced = loops.reduced.map((extent, axis) => walk(scope.outer + axis, extent));
    const point: Point = { positions: [...positions, ...reduced], bounds: [], scope: inner };
    const value = this.#body(node, loops, point);
    const total = this.#stages.accumulate(loops.reduced, loops.combine ?? "add", value);
    this.#values.set(key, total);
    return total;
  }

  #numberOf(node: Node): number {
    const number = this.#numbers.get(node) ?? this.#numbers.size;
    this.#numbers.set(node, number);
    return number;
  }
}

/** Whether a node has the elements of its operand at other places, each at one that is always there. */
function movesElements(node: Node): boolean {
  const lowering = lowerNode(node);
  if (lowering.kind === "reshape") return true;
  return (
    lowering.kind === "view" &&
    lowering.loops.accesses.every(
      ({ index, fill }) => fill === undefined && !index.some((part) => isComputed(part)),
    )
  );
}

/** Whether a load is within the bounds of a guard, and yields its fill outside. */
function fillsAlike({ bounds, fill }: Load, guard: readonly Bound[], outside: number): boolean {
  const holds = ({ value, extent }: Bound): boolean =>
    bounds.some((bound) => bound.extent === extent && sameAffine(bound.value, value));
  return Object.is(fill, outside) && guard.every(holds);
}

/** The position on an axis; one that never moves is written as 0, so that equal positions are written equally. */
function walk(axis: number, extent: number): Affine {
  return extent === 1 ? zero : axisTimes(axis);
}
