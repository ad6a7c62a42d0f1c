/** Expectations in plain JavaScript over row-major elements. They refuse to use anything of the packages under test. */

import type { Tensor } from "./case.js";

type Shape = readonly number[];

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Every index tuple of a shape in row-major order. */
export function indices(shape: Shape): number[][] {
  return Array.from({ length: sizeOf(shape) }, (_, position) => {
    const index = shape.map(() => 0);
    let rest = position;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const extent = shape[axis] ?? 1;
      index[axis] = rest % extent;
      rest = Math.floor(rest / extent);
    }
    return index;
  });
}

/** Row-major position of an index tuple. */
export function positionOf(shape: Shape, index: readonly number[]): number {
  return shape.reduce((position, extent, axis) => position * extent + (index[axis] ?? 0), 0);
}

/** The element at an index tuple; axes of extent 1 and missing leading axes repeat. */
export function at(tensor: Tensor, index: readonly number[]): number {
  const lead = index.length - tensor.shape.length;
  const own = tensor.shape.map((extent, axis) => (extent === 1 ? 0 : (index[lead + axis] ?? 0)));
  return tensor.data[positionOf(tensor.shape, own)] ?? Number.NaN;
}

/** NumPy broadcast of shapes that are known to agree. */
export function broadcast(...shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const extents = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return extents.find((extent) => extent !== 1) ?? 1;
  });
}

/** f of each element. */
export function each(f: (x: number) => number): (x: Tensor) => number[] {
  return (x) => x.data.map((element) => f(element));
}

/** f of each tuple of broadcast elements. */
export function pairwise(f: (...elements: number[]) => number): (...operands: Tensor[]) => number[] {
  return (...operands) =>
    indices(broadcast(...operands.map((operand) => operand.shape))).map((index) =>
      f(...operands.map((operand) => at(operand, index))),
    );
}

/** The elements along the axes of each kept position, in row-major order of the kept positions. */
export function groups(x: Tensor, axes: readonly number[]): number[][] {
  const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const inner = axes.map((axis) => x.shape[axis] ?? 1);
  return indices(kept.map((axis) => x.shape[axis] ?? 1)).map((outer) =>
    indices(inner).map((part) => {
      const index = x.shape.map(() => 0);
      for (const [position, axis] of kept.entries()) index[axis] = outer[position] ?? 0;
      for (const [position, axis] of axes.entries()) index[axis] = part[position] ?? 0;
      return at(x, index);
    }),
  );
}

/** f of the elements along the axes. */
export function reduced(axes: readonly number[], f: (elements: number[]) => number): (x: Tensor) => number[] {
  return (x) => groups(x, axes).map((group) => f(group));
}

/** f of every line along an axis, put back in place: cumulations and softmax. */
export function along(axis: number, f: (line: number[]) => number[]): (x: Tensor) => number[] {
  return (x) => {
    const result = x.data.map(() => Number.NaN);
    for (const start of indices(x.shape.map((extent, other) => (other === axis ? 1 : extent)))) {
      const line = Array.from({ length: x.shape[axis] ?? 1 }, (_, step) =>
        start.map((part, other) => (other === axis ? step : part)),
      );
      const values = f(line.map((index) => at(x, index)));
      for (const [step, index] of line.entries())
        result[positionOf(x.shape, index)] = values[step] ?? Number.NaN;
    }
    return result;
  };
}

/** The element of x at source(index) for each index of the shape; `fill` where source gives none. */
export function moved(
  shape: Shape,
  source: (index: number[]) => readonly number[] | undefined,
  fill = 0,
): (x: Tensor) => number[] {
  return (x) =>
    indices(shape).map((index) => {
      const from = source(index);
      return from === undefined ? fill : (x.data[positionOf(x.shape, from)] ?? Number.NaN);
    });
}
