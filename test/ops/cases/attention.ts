/** Cases of attention, its position encoding and sampling at points. */

import { gridSample, rotaryEmbedding, scaledDotProductAttention } from "@adjoint/core";
import { booleans, type Cases, fixed, float, integers, points, type Tensor } from "./case.js";
import { at, indices } from "./expect.js";

/** One head: for every query the values weighted by softmax of the scores of the keys it sees. */
function attended(
  scale: number,
  sees: (query: number, key: number) => boolean,
  bias: (query: number, key: number) => number = () => 0,
): (q: Tensor, k: Tensor, v: Tensor) => number[] {
  return (q, k, v) => {
    const [batch = 1, queries = 1, features = 1] = q.shape;
    const [, keys = 1, width = 1] = v.shape;
    return indices([batch, queries]).flatMap(([b = 0, i = 0]) => {
      const powers = Array.from({ length: keys }, (_, j) => {
        let score = bias(i, j);
        for (let f = 0; f < features; f++) score += scale * at(q, [b, i, f]) * at(k, [b, j, f]);
        return sees(i, j) ? Math.exp(score) : 0;
      });
      const total = powers.reduce((sum, power) => sum + power, 0);
      return Array.from({ length: width }, (_, w) =>
        powers.reduce((sum, power, j) => sum + (total === 0 ? 0 : (power / total) * at(v, [b, j, w])), 0),
      );
    });
  };
}

/** x […, T, D] as pairs (a, b) at positions, turned by position · base^(-2i / D). */
function turned(
  x: Tensor,
  partner: (feature: number) => readonly [index: number, isFirst: boolean, pair: number],
  base: number,
  positionOf: (t: number) => number,
): number[] {
  const features = x.shape.at(-1) ?? 1;
  return indices(x.shape).map((index) => {
    const [t = 0, feature = 0] = index.slice(-2);
    const [other, isFirst, pair] = partner(feature);
    const angle = positionOf(t) * base ** ((-2 * pair) / features);
    const mate = at(x, [...index.slice(0, -1), other]);
    return at(x, index) * Math.cos(angle) + (isFirst ? -mate : mate) * Math.sin(angle);
  });
}

/** Element of an image at whole positions, by the rule for what lies outside. */
type Lookup = (n: number, c: number, row: number, column: number) => number;

function bilinear(
  x: Tensor,
  grid: Tensor,
  toElements: (g: number, extent: number) => number,
  lookup: Lookup,
): number[] {
  const [, , height = 1, width = 1] = x.shape;
  const [batch = 1, count = 1] = grid.shape;
  return indices([batch, x.shape[1] ?? 1, count]).map(([n = 0, c = 0, p = 0]) => {
    const column = toElements(at(grid, [n, p, 0]), width);
    const row = toElements(at(grid, [n, p, 1]), height);
    const [left, top] = [Math.floor(column), Math.floor(row)];
    return [0, 1].reduce(
      (sum, down) =>
        sum +
        [0, 1].reduce((part, right) => {
          const weight = Math.abs(1 - right - (column - left)) * Math.abs(1 - down - (row - top));
          return part + weight * lookup(n, c, top + down, left + right);
        }, 0),
      0,
    );
  });
}

const zeroOutside =
  (x: Tensor): Lookup =>
  (n, c, row, column) =>
    row < 0 || column < 0 || row >= (x.shape[2] ?? 0) || column >= (x.shape[3] ?? 0)
      ? 0
      : at(x, [n, c, row, column]);

export const attention = {
  scaledDotProductAttention: [
    {
      operands: [float([2, 3, 2]), float([2, 4, 2]), float([2, 4, 3])],
      build: (q, k, v) => scaledDotProductAttention(q, k, v),
      value: attended(Math.SQRT1_2, () => true),
      shape: [2, 3, 3],
    },
    {
      title: "causal",
      operands: [float([1, 4, 2]), float([1, 3, 2]), float([1, 3, 2])],
      build: (q, k, v) => scaledDotProductAttention(q, k, v, { causal: true, scale: 0.5 }),
      value: attended(0.5, (i, j) => j <= i),
    },
    {
      title: "mask; a query that sees nothing",
      operands: [float([1, 3, 2]), float([1, 2, 2]), float([1, 2, 2]), booleans([3, 2], [1, 0, 0, 0, 1, 1])],
      build: (q, k, v, mask) => scaledDotProductAttention(q, k, v, { mask, scale: 1 }),
      value: (q, k, v, mask) => attended(1, (i, j) => at(mask, [i, j]) === 1)(q, k, v),
    },
    {
      title: "added mask and causal",
      operands: [float([1, 3, 2]), float([1, 3, 2]), float([1, 3, 2]), float([3, 3])],
      build: (q, k, v, mask) => scaledDotProductAttention(q, k, v, { mask, causal: true, scale: 2 }),
      value: (q, k, v, mask) =>
        attended(
          2,
          (i, j) => j <= i,
          (i, j) => at(mask, [i, j]),
        )(q, k, v),
    },
    {
      title: "everything dropped",
      operands: [float([1, 2, 2]), float([1, 2, 2]), float([1, 2, 2]), integers([2], [1, 2], 0, "uint32")],
      build: (q, k, v, key) => scaledDotProductAttention(q, k, v, { dropout: { key, rate: 1 } }),
      value: [0, 0, 0, 0],
    },
  ],
  rotaryEmbedding: [
    {
      operands: [float([2, 3, 4])],
      build: (x) => rotaryEmbedding(x),
      value: (x) =>
        turned(
          x,
          (f) => [(f + 2) % 4, f < 2, f % 2],
          10_000,
          (t) => t,
        ),
    },
    {
      title: "neighbors, given positions",
      operands: [float([2, 4]), integers([2], [5, 3])],
      build: (x, positions) => rotaryEmbedding(x, { positions, interleaved: true, base: 100 }),
      value: (x, positions) =>
        turned(
          x,
          (f) => [f % 2 === 0 ? f + 1 : f - 1, f % 2 === 0, Math.floor(f / 2)],
          100,
          (t) => at(positions, [t]),
        ),
    },
  ],
  gridSample: [
    {
      operands: [float([2, 2, 3, 4]), float([2, 3, 2], -1.2, 1.2)],
      build: (x, grid) => gridSample(x, grid),
      value: (x, grid) => bilinear(x, grid, (g, extent) => ((g + 1) * extent - 1) / 2, zeroOutside(x)),
      shape: [2, 2, 3],
    },
    {
      title: "border, corners aligned",
      operands: [float([1, 1, 3, 3]), float([1, 4, 2], -1.5, 1.5)],
      build: (x, grid) => gridSample(x, grid, { padding: "border", alignCorners: true }),
      value: (x, grid) =>
        bilinear(
          x,
          grid,
          (g, extent) => Math.max(0, Math.min(extent - 1, ((g + 1) / 2) * (extent - 1))),
          zeroOutside(x),
        ),
    },
    {
      title: "reflection",
      operands: [
        points([1, 2, 3, 4], [1, 1, 1, 4]),
        fixed(points([-1.5, 0, -1.25, 0, 1.125, 0, 1.75, 0, 3.5, 0], [1, 5, 2])),
      ],
      build: (x, grid) => gridSample(x, grid, { padding: "reflection" }),
      // Elements -1.5, -1, 3.75, 5 and 8.5, mirrored at -0.5 and 3.5.
      value: [1.5, 1, 4, 3, 1.5],
    },
    {
      title: "cubic",
      operands: [float([1, 2, 4, 3]), float([1, 3, 2], -0.9, 0.9)],
      build: (x, grid) => gridSample(x, grid, { mode: "cubic" }),
      shape: [1, 2, 3],
      tolerance: { difference: 1e-5 },
    },
    {
      title: "cubic, whole positions",
      operands: [float([1, 1, 3, 3]), fixed(points([0, 0, 1, -1], [1, 2, 2]))],
      build: (x, grid) => gridSample(x, grid, { mode: "cubic", alignCorners: true, padding: "border" }),
      value: (x) => [x.data[4] ?? 0, x.data[2] ?? 0],
    },
    {
      title: "nearest",
      operands: [float([1, 1, 2, 2]), fixed(points([-0.4, 0.6, 3, 0], [1, 2, 2]))],
      build: (x, grid) => gridSample(x, grid, { mode: "nearest" }),
      value: (x) => [x.data[2] ?? 0, 0],
    },
    {
      title: "volume",
      operands: [float([1, 1, 2, 2, 2]), float([1, 2, 3], -0.4, 0.4)],
      build: (x, grid) => gridSample(x, grid),
      shape: [1, 1, 2],
    },
  ],
} satisfies Cases;
