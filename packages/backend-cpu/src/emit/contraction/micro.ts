/**
 * The innermost loop of all contractions: a tile of sums in registers, fed from a panel of rows, packed or where it lies,
 * and a packed block of columns. Neighboring vectors are loaded, accumulated and stored in pairs, which engines with 256-bit registers may
 * do as one (see V8's revectorizer). It refuses to know what is multiplied.
 *
 *     function (left, right, sums, points, next, sumsStride, continues)
 *       tile := Σ over points of left[point, rows] · right[point, columns]
 *       sums := continues ? sums + tile : tile
 *
 * `next` is how many bytes the rows of the right operand are apart, or where a list of 32-bit offsets of rows lies.
 */

import type { Tile } from "../../engine/features.js";
import { FunctionBody } from "../../wasm/function.js";

/** How operands are found. */
export interface Addressing {
  /** Elements between the points of the left operand, and between its rows. */
  readonly point: number;
  readonly row: number;
  /** Whether the rows of the right operand are listed, or equally far apart. */
  readonly listed: boolean;
}

/** A panel whose rows lie next to each other, and rows of the right operand that are equally far apart. */
export function packedPanel({ rows }: Tile): Addressing {
  return { point: rows, row: 1, listed: false };
}

export function emitMicroKernel({ rows, columns, fused }: Tile, addressing: Addressing): FunctionBody {
  const body = new FunctionBody({ params: ["i32", "i32", "i32", "i32", "i32", "i32", "i32"], results: [] });
  const [left, right, sums, points, next, sumsStride, continues] = [0, 1, 2, 3, 4, 5, 6];
  const vectors = columns / 4;
  const tile = Array.from({ length: rows * vectors }, () => body.local("v128"));
  const loaded = Array.from({ length: vectors }, () => body.local("v128"));
  const factor = body.local("v128");
  for (const register of tile) {
    body.v128(new Uint8Array(16));
    body.set(register);
  }
  const advance = (pointer: number, push: () => void): void => {
    body.get(pointer);
    push();
    body.op("i32.add");
    body.set(pointer);
  };
  const row = addressing.listed ? body.local("i32") : right;
  body.loop(() => {
    if (addressing.listed) {
      body.get(right);
      body.get(next);
      body.access("i32.load", 0);
      body.op("i32.add");
      body.set(row);
    }
    for (const [index, register] of loaded.entries()) {
      body.get(row);
      body.access("v128.load", 16 * index);
      body.set(register);
    }
    for (let position = 0; position < rows; position++) {
      body.get(left);
      body.access("v128.load32_splat", 4 * position * addressing.row);
      body.set(factor);
      for (const [index, register] of loaded.entries()) {
        const sum = tile[position * vectors + index] ?? 0;
        multiplyAdd(body, fused, factor, register, sum);
        body.set(sum);
      }
    }
    advance(left, () => body.i32(4 * addressing.point));
    if (addressing.listed) advance(next, () => body.i32(4));
    else advance(right, () => body.get(next));
    body.get(points);
    body.i32(1);
    body.op("i32.sub");
    body.tee(points);
  });
  const store = (before: () => void, push: (index: number, sum: number) => void): void => {
    for (let position = 0; position < rows; position++) {
      before();
      for (let index = 0; index < vectors; index++) {
        body.get(sums);
        push(index, tile[position * vectors + index] ?? 0);
        body.access("v128.store", 16 * index);
      }
      if (position + 1 < rows) advance(sums, () => body.get(sumsStride));
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

function multiplyAdd(body: FunctionBody, fused: boolean, a: number, b: number, sum: number): void {
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
