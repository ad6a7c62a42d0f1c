/**
 * Reading at and writing to computed positions: one general gather and one general scatter, each other's adjoints. The
 * forms of ONNX (along an axis, by elements, by tuples) are plain functions over these two, in compositions/indexing.ts.
 */

import { AttributeError, DTypeError, ShapeError } from "../errors.js";
import type { AttributeSchema } from "../graph/attributes.js";
import { createNode, type Node } from "../graph/node.js";
import { type Adjoint, defineOp, type Op, opFunction } from "../graph/op.js";
import { axisTimes } from "../lowering/affine.js";
import { broadcastAccess, type Index } from "../lowering/loops.js";
import { argument } from "../scalar/scalar.js";
import { broadcastShapes, formatShape, normalizeAxis, type Shape, sameShape, sizeOf } from "../shape.js";
import type { TensorType } from "../tensor.js";
import { add, cast, div, equal, less, where, zerosLike } from "./arithmetic.js";
import { constant, iota } from "./leaf.js";
import { reshape } from "./movement.js";
import {
  evaluateScatter,
  isScatterMode,
  type Scattering,
  type ScatterMode,
  scatterDivisions,
  scatterKernel,
} from "./scatter.js";

/** What value a gather yields for a position outside: NaN, or 0 where there is none. */
function missing(x: TensorType): number {
  return x.dtype.startsWith("float") ? Number.NaN : 0;
}

/**
 * Checks the correspondence between a tensor and the points that address it. `sources` has an entry per axis of the
 * tensor: a ≥ 0 is the point's position on its axis a, -1 - j the element of index operand j at the point.
 */
function checkSources(
  tensor: Shape,
  points: Shape,
  indices: readonly TensorType[],
  sources: readonly number[],
): void {
  if (sources.length !== tensor.length) {
    throw new AttributeError(
      `sources [${sources}] must have an entry per axis of ${formatShape(tensor)}`,
      "sources",
    );
  }
  const computed = sources.filter((source) => source < 0).map((source) => -1 - source);
  if (
    [...computed].sort((a, b) => a - b).some((j, position) => j !== position) ||
    computed.length !== indices.length
  ) {
    throw new AttributeError(
      `sources [${sources}] must name each of ${indices.length} index operands once`,
      "sources",
    );
  }
  const paired = sources.filter((source) => source >= 0);
  if (new Set(paired).size !== paired.length) {
    throw new AttributeError(`sources [${sources}] must not name an axis of the points twice`, "sources");
  }
  for (const [axis, source] of sources.entries()) {
    if (source < 0) continue;
    if ((points[source] ?? Number.POSITIVE_INFINITY) > (tensor[axis] ?? 0)) {
      throw new ShapeError(
        `axis ${source} of the points ${formatShape(points)} must not exceed axis ${axis} of ${formatShape(tensor)}`,
      );
    }
  }
  for (const index of indices) {
    if (index.dtype !== "int32") throw new DTypeError(`indices must be int32, not ${index.dtype}`);
    const common = broadcastShapes([index.shape, points]);
    if (common === undefined || !sameShape(common, points)) {
      throw new ShapeError(
        `indices ${formatShape(index.shape)} must broadcast to the points ${formatShape(points)}`,
      );
    }
  }
}

const gatherAttributes = { sources: "integers", shape: "integers", fill: "number" } as const;

const gatherOp: Op = defineOp<readonly string[], typeof gatherAttributes>({
  name: "gather",
  doc: "Elements of x at computed positions: indices broadcast to the shape; positions outside read the fill.",
  operands: ["x"],
  variadic: true,
  attributes: gatherAttributes,
  resultShape: "shape",
  notation: "{x}_{[\\cdot]}",
  infer: ([x, ...indices], { sources, shape }) => {
    if (x === undefined) throw new ShapeError("expected x");
    checkSources(x.shape, shape, indices, sources);
    return { dtype: x.dtype, shape };
  },
  lower: ([x, ...indices], { sources, fill }, output) => {
    const positions = sources.map(
      (source): Index => (source < 0 ? { computed: argument(-source, "int32") } : axisTimes(source)),
    );
    const broadcast = indices.map((index) => broadcastAccess(index.shape, output.shape));
    const accesses = [{ index: positions, fill }, ...broadcast];
    return { kind: "view", loops: { reduced: [], accesses, body: argument(0, x?.dtype ?? output.dtype) } };
  },
  vjp: ({ operands: [x, ...indices], attributes: { sources }, adjoint }) => {
    if (x === undefined) return [];
    const zeros = constant(0, { dtype: x.dtype, shape: x.shape });
    return [scatterAt(zeros, adjoint, indices, sources, "add"), ...indices.map((): Adjoint => undefined)];
  },
});

/**
 * The general gather: the element of x for every point of `shape`, with positions as `sources` says (an entry per axis of
 * x: a ≥ 0 is the point's position on axis a, -1 - j the element of `indices[j]`, which broadcasts to the shape).
 * Positions outside x read the fill: NaN, or 0 for integers, unless given.
 */
export function gatherAt<Feeds extends string>(
  x: Node<Feeds>,
  indices: readonly Node<Feeds>[],
  sources: readonly number[],
  shape: Shape,
  fill: number = missing(x),
): Node<Feeds> {
  return createNode(gatherOp, [x, ...indices], { sources: [...sources], shape: [...shape], fill });
}

/** Negative indices count from the end; what is outside [-extent, extent) stays outside. */
export function wrapIndices<Feeds extends string>(indices: Node<Feeds>, extent: number): Node<Feeds> {
  return where(less(indices, 0), add(indices, extent), indices);
}

/**
 * Whole slices of x along an axis (ONNX Gather): x [A…, n, B…], indices [I…] int32 → [A…, I…, B…]. Negative indices count
 * from the end; indices outside [-n, n) read NaN, or 0 for integers.
 */
export const gather = opFunction(
  gatherOp,
  <Feeds extends string>(x: Node<Feeds>, indices: Node<Feeds>, axis = 0): Node<Feeds> => {
    const at = normalizeAxis(axis, x.shape.length, "gather");
    return gatherAt(
      x,
      [alignIndices(wrapIndices(indices, x.shape[at] ?? 0), x.shape.length - at - 1)],
      sliceSources(x.shape, at, indices.shape.length),
      [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)],
    );
  },
);

/** Indices that broadcast over the axes of x before the gathered one (by rank) and after it (by extents of 1). */
function alignIndices<Feeds extends string>(indices: Node<Feeds>, after: number): Node<Feeds> {
  return reshape(indices, [...indices.shape, ...new Array<number>(after).fill(1)]);
}

function sliceSources(shape: Shape, axis: number, rank: number): number[] {
  return shape.map((_, other) => (other < axis ? other : other === axis ? -1 : other + rank - 1));
}

const scatterAttributes = { sources: "integers", combine: "string" } as const satisfies AttributeSchema;

function scattering(
  operands: readonly TensorType[],
  sources: readonly number[],
  combine: string,
): Scattering {
  const [base, updates, ...indices] = operands;
  if (base === undefined || updates === undefined) throw new ShapeError("expected base and updates");
  if (base.dtype !== updates.dtype) {
    throw new DTypeError(`base and updates must share a dtype, not ${base.dtype} and ${updates.dtype}`);
  }
  if (!isScatterMode(combine))
    throw new AttributeError(`combine must be set, add, min or max, not ${combine}`, "combine");
  if (base.dtype === "bool" && combine !== "set")
    throw new DTypeError(`bools cannot be combined by ${combine}`);
  checkSources(base.shape, updates.shape, indices, sources);
  return { base, updates, indices, sources, mode: combine };
}

const scatterOp: Op = defineOp<readonly string[], typeof scatterAttributes>({
  name: "scatter",
  doc: "A copy of base with updates set, added, or taken as bounds at computed positions; positions outside are dropped.",
  operands: ["base"],
  variadic: true,
  attributes: scatterAttributes,
  notation: "\\operatorname{scatter}({base})",
  infer: (operands, { sources, combine }) => {
    const { base } = scattering(operands, sources, combine);
    return { dtype: base.dtype, shape: base.shape };
  },
  lower: (operands, { sources, combine }) => {
    const what = scattering(operands, sources, combine);
    return {
      kind: "opaque",
      kernel: () => scatterKernel(what),
      evaluate: (buffers) => evaluateScatter(what, buffers),
      divisions: scatterDivisions(what),
    };
  },
  vjp: ({ node, operands: [base, updates, ...indices], attributes: { sources, combine }, adjoint }) => {
    if (base === undefined || updates === undefined) return [];
    const read = (from: Node): Node => gatherAt(from, indices, sources, updates.shape, 0);
    const adjoints = scatterAdjoints({ node, base, updates, indices, sources, combine, adjoint, read });
    return [...adjoints, ...indices.map((): Adjoint => undefined)];
  },
});

interface ScatterSite {
  readonly node: Node;
  readonly base: Node;
  readonly updates: Node;
  readonly indices: readonly Node[];
  readonly sources: readonly number[];
  readonly combine: string;
  readonly adjoint: Node;
  /** Reads a tensor like base where the updates go; 0 outside. */
  read(from: Node): Node;
}

function scatterAdjoints({
  node,
  base,
  updates,
  indices,
  sources,
  combine,
  adjoint,
  read,
}: ScatterSite): [Node, Node] {
  if (combine === "add") return [adjoint, read(adjoint)];
  const zeros = constant(0, { dtype: adjoint.dtype, shape: updates.shape });
  if (combine === "set") {
    // Of updates to one position the last stays: only it has an adjoint.
    const order = reshape(iota([sizeOf(updates.shape)]), updates.shape);
    const nobody = constant(-1, { dtype: "int32", shape: base.shape });
    const last = read(scatterAt(nobody, order, indices, sources, "set"));
    return [
      scatterAt(adjoint, zeros, indices, sources, "set"),
      where(equal(last, order), read(adjoint), zerosLike(adjoint)),
    ];
  }
  // A bound reached by several shares its adjoint evenly among them.
  const kept = equal(base, node);
  const reached = equal(updates, read(node));
  const count = scatterAt(cast(kept, adjoint.dtype), cast(reached, adjoint.dtype), indices, sources, "add");
  const share = div(adjoint, count);
  return [where(kept, share, zerosLike(adjoint)), where(reached, read(share), zerosLike(adjoint))];
}

/**
 * The general scatter: a copy of base in which every point of `updates` is set, added, or taken as an upper or lower
 * bound at the position that `sources` says (as for `gatherAt`). Positions outside are dropped; of several updates set at
 * one position the last in row-major order stays.
 */
export function scatterAt<Feeds extends string>(
  base: Node<Feeds>,
  updates: Node<Feeds>,
  indices: readonly Node<Feeds>[],
  sources: readonly number[],
  combine: ScatterMode = "set",
): Node<Feeds> {
  return createNode(scatterOp, [base, updates, ...indices], { sources: [...sources], combine });
}

/**
 * Whole slices of updates written into a copy of base along an axis: base [A…, n, B…], indices [I…] int32,
 * updates [A…, I…, B…]. The inverse addressing of `gather`; indices outside [-n, n) are dropped.
 */
export const scatter = opFunction(
  scatterOp,
  <Feeds extends string>(
    base: Node<Feeds>,
    indices: Node<Feeds>,
    updates: Node<Feeds>,
    { axis = 0, combine = "set" }: { readonly axis?: number; readonly combine?: ScatterMode } = {},
  ): Node<Feeds> => {
    const at = normalizeAxis(axis, base.shape.length, "scatter");
    const aligned = alignIndices(wrapIndices(indices, base.shape[at] ?? 0), base.shape.length - at - 1);
    return scatterAt(base, updates, [aligned], sliceSources(base.shape, at, indices.shape.length), combine);
  },
);
