/**
 * Copies rows into groups of points, behind one another: what the innermost loop then reads from one end to the other.
 *
 *     function (from, to, groups)
 *       to[group][row][point] := from[row][group, point]
 *
 * It refuses to know what is copied.
 */

import { FunctionBody } from "../../wasm/function.js";
import { group } from "./left.js";

/** For so many rows, `stride` elements apart. */
export function emitGroupCopy(rows: number, stride: number): FunctionBody {
  const body = new FunctionBody({ params: ["i32", "i32", "i32"], results: [] });
  const [from, to, groups] = [0, 1, 2];
  const loaded = Array.from({ length: rows }, () => body.local("v128"));
  body.loop(() => {
    for (const [row, register] of loaded.entries()) {
      body.get(from);
      body.access("v128.load", 4 * row * stride);
      body.set(register);
    }
    for (const [row, register] of loaded.entries()) {
      body.get(to);
      body.get(register);
      body.access("v128.store", 4 * row * group);
    }
    body.increase(from, 4 * group);
    body.increase(to, 4 * group * rows);
    body.get(groups);
    body.i32(1);
    body.op("i32.sub");
    body.tee(groups);
  });
  return body;
}
