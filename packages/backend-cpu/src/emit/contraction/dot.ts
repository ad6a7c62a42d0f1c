/**
 * The innermost loop of correlations: a tile of sums in registers, each a vector whose lanes are added up later, fed from rows of two
 * operands that lie along the sum. It refuses to know what is multiplied.
 *
 *     function (left, right of each column, sums, rounds, continues)
 *       tile := Σ over rounds and points of left[row, point] · right[column, point]
 *       sums := continues ? sums + tile : tile
 *
 * Beyond the last point there must be zeros in the rows of the left operand; what lies there in the right one does not matter.
 */

import { FunctionBody } from "../../wasm/function.js";
import { multiplyAdd } from "./micro.js";

/** All steps are in elements. */
export interface Dot {
  readonly rows: number;
  readonly columns: number;
  /** Points of a round. */
  readonly points: number;
  readonly lanes: 4 | 8;
  readonly fused: boolean;
  /** From one row of the left operand to the next, and from one round to the next in each operand. */
  readonly row: number;
  readonly left: number;
  readonly right: number;
  /** From one row of sums to the next. */
  readonly across: number;
}

export function emitDot(dot: Dot): FunctionBody {
  const { rows, columns, points, lanes, fused } = dot;
  const params = new Array<"i32">(columns + 4).fill("i32");
  const body = new FunctionBody({ params, results: [] });
  const [left, first] = [0, 1];
  const [sums, rounds, continues] = [first + columns, first + columns + 1, first + columns + 2];
  const halves = [...Array(lanes / 4).keys()];
  const registers = (count: number): number[] => Array.from({ length: count }, () => body.local("v128"));
  const tile = Array.from({ length: rows * columns }, () => registers(halves.length));
  const loaded = Array.from({ length: columns }, () => registers(halves.length));
  const factor = registers(halves.length);
  for (const half of tile.flat()) {
    body.v128(new Uint8Array(16));
    body.set(half);
  }
  /** Neighboring vectors are loaded, multiplied and stored in pairs, which engines with 256-bit registers may do as one. */
  const load = (to: readonly number[], from: number, element: number, kept: number): void => {
    for (const half of halves) {
      body.get(from);
      body.access("v128.load", 4 * element + 16 * half);
      if (kept < lanes) {
        body.v128(Uint8Array.from({ length: 16 }, (_, byte) => (4 * half + (byte >> 2) < kept ? 255 : 0)));
        body.op("v128.and");
      }
      body.set(to[half] ?? 0);
    }
  };
  body.loop(() => {
    for (let point = 0; point < points; point += lanes) {
      const kept = Math.min(lanes, points - point);
      for (const [column, to] of loaded.entries()) load(to, first + column, point, kept);
      for (let row = 0; row < rows; row++) {
        load(factor, left, row * dot.row + point, lanes);
        for (const [column, from] of loaded.entries()) {
          for (const half of halves) {
            const sum = tile[row * columns + column]?.[half] ?? 0;
            multiplyAdd(body, fused, factor[half] ?? 0, from[half] ?? 0, sum);
            body.set(sum);
          }
        }
      }
    }
    body.increase(left, 4 * dot.left);
    for (let column = 0; column < columns; column++) body.increase(first + column, 4 * dot.right);
    body.get(rounds);
    body.i32(1);
    body.op("i32.sub");
    body.tee(rounds);
  });
  const each = (store: (registers: readonly number[], element: number) => void): void => {
    for (const [index, registers] of tile.entries())
      store(registers, Math.floor(index / columns) * dot.across + (index % columns) * lanes);
  };
  const put = (element: number, push: (half: number) => void): void => {
    for (const half of halves) {
      body.get(sums);
      push(half);
      body.access("v128.store", 4 * element + 16 * half);
    }
  };
  body.get(continues);
  body.branch(
    undefined,
    () =>
      each((registers, element) => {
        load(factor, sums, element, lanes);
        put(element, (half) => {
          body.get(factor[half] ?? 0);
          body.get(registers[half] ?? 0);
          body.op("f32x4.add");
        });
      }),
    () => each((registers, element) => put(element, (half) => body.get(registers[half] ?? 0))),
  );
  return body;
}
