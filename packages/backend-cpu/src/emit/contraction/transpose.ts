/**
 * Packs a panel of columns whose points are neighbors in memory, four by four.
 *
 *     function (from, to, rounds)
 *       to[round, point][column] := from[column][round, point]
 *
 * It refuses to know what is packed.
 */

import { FunctionBody } from "../../wasm/function.js";

/** Columns and points of a square that is turned in registers. */
const side = 4;
/** Words of two vectors that make up the next ones: alternating words, then alternating pairs of words. */
const words = [
  [0, 4, 1, 5],
  [2, 6, 3, 7],
] as const;
const pairs = [
  [0, 1, 4, 5],
  [2, 3, 6, 7],
] as const;

/** For so many columns, `stride` elements apart, and so many points in a round, both multiples of 4. */
export function emitTranspose(columns: number, stride: number, round: number): FunctionBody {
  const body = new FunctionBody({ params: ["i32", "i32", "i32"], results: [] });
  const [from, to, rounds] = [0, 1, 2];
  const given = Array.from({ length: side }, () => body.local("v128"));
  const turned = Array.from({ length: side }, () => body.local("v128"));
  const merge = (a: number, b: number, picks: readonly number[]): void => {
    body.get(a);
    body.get(b);
    body.shuffle(picks.flatMap((word) => [0, 1, 2, 3].map((byte) => 4 * word + byte)));
  };
  const at = (registers: readonly number[], index: number): number => registers[index] ?? 0;
  const square = (column: number, point: number): void => {
    for (const [index, register] of given.entries()) {
      body.get(from);
      body.access("v128.load", 4 * ((column + index) * stride + point));
      body.set(register);
    }
    for (const half of [0, 1]) {
      for (const [which, picks] of words.entries()) {
        merge(at(given, 2 * half), at(given, 2 * half + 1), picks);
        body.set(at(turned, 2 * half + which));
      }
    }
    for (const which of [0, 1]) {
      for (const [half, picks] of pairs.entries()) {
        body.get(to);
        merge(at(turned, which), at(turned, 2 + which), picks);
        body.access("v128.store", 4 * ((point + 2 * which + half) * columns + column));
      }
    }
  };
  body.loop(() => {
    for (let column = 0; column < columns; column += side) {
      for (let point = 0; point < round; point += side) square(column, point);
    }
    body.increase(from, 4 * round);
    body.increase(to, 4 * round * columns);
    body.get(rounds);
    body.i32(1);
    body.op("i32.sub");
    body.tee(rounds);
  });
  return body;
}
