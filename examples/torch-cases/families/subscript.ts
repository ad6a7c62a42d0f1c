// Python's subscripts: slices, single positions, new axes, and tensors of positions or of booleans.

import {
  add,
  broadcastShapes,
  broadcastTo,
  constant,
  expandDims,
  extentOf,
  gatherAt,
  less,
  type Node,
  reshape,
  scatterAt,
  sliceAxis,
  squeeze,
  where,
} from "@adjoint/core";
import type { Arguments } from "../arguments.js";
import type { Argument, Tensor } from "../format.js";
import { UnsupportedError } from "../unsupported.js";

/** x after everything but tensors of positions, and those, with the axis that each addresses. */
interface Subscripted {
  readonly x: Node;
  readonly indices: readonly { readonly axis: number; readonly node: Node }[];
}

/** Where tensors of positions point to, as `gatherAt` and `scatterAt` take it. */
interface Addressed {
  readonly nodes: readonly Node[];
  readonly sources: readonly number[];
  readonly shape: readonly number[];
}

/** Python's tuples come as lists. One of nothing but numbers is a list of positions, as PyTorch takes it. */
function entriesOf(index: Argument): readonly Argument[] {
  if (!("list" in index)) return [index];
  const isPositions = index.list.every((entry) => "value" in entry && typeof entry.value === "number");
  return isPositions ? [index] : index.list;
}

/** Positions where a mask holds, one tensor per axis of it. */
function positionsOf({ shape, elements }: Tensor): Node[] {
  const places: number[][] = shape.map(() => []);
  for (const [position, element] of elements.entries()) {
    if (element === 0) continue;
    let rest = position;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const extent = extentOf(shape, axis);
      places[axis]?.push(rest % extent);
      rest = Math.floor(rest / extent);
    }
  }
  return places.map((list) => constant(list, { dtype: "int32", shape: [list.length] }));
}

function numbersOf(argument: Argument): number[] {
  if (!("list" in argument)) throw new UnsupportedError("a subscript of another kind");
  return argument.list.map((entry) => {
    if ("value" in entry && typeof entry.value === "number") return entry.value;
    throw new UnsupportedError("a nested list of positions");
  });
}

function boundOf(argument: Argument | undefined): number | undefined {
  return argument !== undefined && "value" in argument && typeof argument.value === "number"
    ? argument.value
    : undefined;
}

function subscript(a: Arguments, name: string, whole: Node): Subscripted {
  const index = a.raw(name);
  let x = whole;
  let axis = 0;
  const indices: { axis: number; node: Node }[] = [];
  for (const entry of index === undefined ? [] : entriesOf(index)) {
    if ("slice" in entry) {
      const [start, end, step] = entry.slice.map(boundOf);
      x = sliceAxis(x, axis++, start, end, step);
    } else if ("tensor" in entry && entry.tensor.kind === "bool") {
      for (const node of positionsOf(entry.tensor)) indices.push({ axis: axis++, node });
    } else if ("tensor" in entry) {
      indices.push({ axis: axis++, node: a.nodeOf(entry, name) });
    } else if ("list" in entry) {
      const positions = numbersOf(entry);
      indices.push({
        axis: axis++,
        node: constant(positions, { dtype: "int32", shape: [positions.length] }),
      });
    } else if (entry.value === null) {
      x = expandDims(x, axis++);
    } else if (typeof entry.value === "number") {
      const at = entry.value < 0 ? entry.value + extentOf(x.shape, axis) : entry.value;
      x = squeeze(sliceAxis(x, axis, at, at + 1), axis);
    } else throw new UnsupportedError(`a subscript ${String(entry.value)}`);
  }
  return { x, indices };
}

/** Tensors side by side keep their place among the axes; others go first. */
function addressed({ x, indices }: Subscripted): Addressed {
  const points = broadcastShapes(indices.map(({ node }) => node.shape));
  if (points === undefined) throw new UnsupportedError("positions that do not broadcast");
  const axes = indices.map(({ axis }) => axis);
  const [first = 0] = axes;
  const isTogether = axes.every((axis, k) => axis === first + k);
  const place = isTogether ? first : 0;
  const kept = [...x.shape.keys()].filter((axis) => !axes.includes(axis));
  const extents = kept.map((axis) => extentOf(x.shape, axis));
  const shape = [...extents.slice(0, place), ...points, ...extents.slice(place)];
  const after = extents.length - place;
  const sources = [...x.shape.keys()].map((axis) => {
    const which = axes.indexOf(axis);
    if (which >= 0) return -1 - which;
    const position = kept.indexOf(axis);
    return position < place ? position : position + points.length;
  });
  const nodes = indices.map(({ axis, node }) => {
    const wrapped = where(less(node, 0), add(node, extentOf(x.shape, axis)), node);
    return reshape(wrapped, [...node.shape, ...new Array<number>(after).fill(1)]);
  });
  return { nodes, sources, shape };
}

/** x[index]. */
export function indexed(a: Arguments, name: string, whole: Node): Node {
  const parts = subscript(a, name, whole);
  if (parts.indices.length === 0) return parts.x;
  const { nodes, sources, shape } = addressed(parts);
  return gatherAt(parts.x, nodes, sources, shape);
}

/** A copy of x with x[index] = values, or with values added there. */
export function placed(a: Arguments, name: string, whole: Node, values: Node, accumulate: boolean): Node {
  const parts = subscript(a, name, whole);
  if (parts.x !== whole || parts.indices.length === 0) throw new UnsupportedError("writing to slices");
  const { nodes, sources, shape } = addressed(parts);
  return scatterAt(whole, broadcastTo(values, shape), nodes, sources, accumulate ? "add" : "set");
}
