/**
 * The innermost loop of all contractions: a tile of sums in registers, fed from a panel of rows, packed or where it lies,
 * and a packed block of columns. Neighboring vectors are loaded, accumulated and stored in pairs, which engines with 256-bit registers may
 * do as one (see V8's revectorizer). It refuses to know what is multiplied.
 *
 *     function (left, right, sums, rounds, sumsStride, continues, list)
 *       tile := Σ over rounds and points of left[point, rows] · right[point, columns]
 *       sums := continues ? sums + tile : tile
 *
 * `list` is where 32-bit offsets of the rows of the right operand lie, if they are listed.
 */

import type { Tile } from "../../engine/features.js";
import { FunctionBody } from "../../wasm/function.js";

/** How operands are found. All steps are in elements. */
export interface Addressing {
  /** Points done in a round of the loop. */
  readonly round: number;
  /** From one point of the left operand to the next in a round, from one row to the next, and from one round to the next. */
  readonly point: number;
  readonly row: number;
  readonly next: number;
  /** From one row of the right operand to the next, or `listed` where they are listed. */
  readonly right: number | "listed";
}

/** A panel whose rows lie next to each other, and a block of columns as wide as the tile. */
export function packedPanel({ rows, columns }: Tile): Addressing {
  return { round: 1, point: rows, row: 1, next: rows, right: columns };
}

export function emitMicroKernel({ rows, columns, fused }: Tile, addressing: Addressing): FunctionBody {
  const body = new FunctionBody({ params: ["i32", "i32", "i32", "i32", "i32", "i32", "i32"], results: [] });
  const [left, right, sums, rounds, sumsStride, continues, list] = [0, 1, 2, 3, 4, 5, 6];
  const vectors = columns / 4;
  const tile = Array.from({ length: rows * vectors }, () => body.local("v128"));
  const loaded = Array.from({ length: vectors }, () => body.local("v128"));
  const factor = body.local("v128");
  for (const register of tile) {
    body.v128(new Uint8Array(16));
    body.set(register);
  }
  const { round, point, row, next, right: step } = addressing;
  const listed = step === "listed" ? body.local("i32") : right;
  body.loop(() => {
    for (let at = 0; at < round; at++) {
      if (step === "listed") {
        body.get(right);
        body.get(list);
        body.access("i32.load", 4 * at);
        body.op("i32.add");
        body.set(listed);
      }
      for (const [index, register] of loaded.entries()) {
        body.get(listed);
        body.access("v128.load", 16 * index + (step === "listed" ? 0 : 4 * step * at));
        body.set(register);
      }
      for (let position = 0; position < rows; position++) {
        body.get(left);
        body.access("v128.load32_splat", 4 * (position * row + at * point));
        body.set(factor);
        for (const [index, register] of loaded.entries()) {
          const sum = tile[position * vectors + index] ?? 0;
          multiplyAdd(body, fused, factor, register, sum);
          body.set(sum);
        }
      }
    }
    body.increase(left, 4 * next);
    if (step === "listed") body.increase(list, 4 * round);
    else body.increase(right, 4 * step * round);
    body.get(rounds);
    body.i32(1);
    body.op("i32.sub");
    body.tee(rounds);
  });
  const store = (before: () => void, push: (index: number, sum: number) => void): void => {
    for (let position = 0; position < rows; position++) {
      before();
      for (let index = 0; index < vectors; index++) {
        body.get(sums);
        push(index, tile[position * vectors + index] ?? 0);
        body.access("v128.store", 16 * index);
      }
      if (position + 1 === rows) continue;
      body.get(sums);
      body.get(sumsStride);
      body.op("i32.add");
      body.set(sums);
    }
  };
  // A row is loaded before any of it is stored: a store between two loads would keep them from being one.
  const loadRow = (): void => {
    for (const [index, register] of loaded.entries()) {
      body.get(sums);
      body.access("v128.load", 16 * index);
      body.set(register);
    }
  };
  const addLoaded = (index: number, sum: number): void => {
    body.get(loaded[index] ?? 0);
    body.get(sum);
    body.op("f32x4.add");
  };
  body.get(continues);
  body.branch(
    undefined,
    () => store(loadRow, addLoaded),
    () =>
      store(
        () => undefined,
        (_, sum) => body.get(sum),
      ),
  );
  return body;
}

export function multiplyAdd(body: FunctionBody, fused: boolean, a: number, b: number, sum: number): void {
  if (fused) {
    for (const operand of [a, b, sum]) body.get(operand);
    body.op("f32x4.relaxed_madd");
    return;
  }
  body.get(a);
  body.get(b);
  body.op("f32x4.mul");
  body.get(sum);
  body.op("f32x4.add");
}
