/** Lists where a shifted operand is read at every point of a sum. It refuses to multiply. */

import type { FunctionBody } from "../../wasm/function.js";
import type { Shift } from "./shift.js";

/** Writes, from the address that `pushAddress` leaves on the stack, one 32-bit offset in bytes for each point. */
export function emitOffsets(
  body: FunctionBody,
  reduced: readonly number[],
  { steps }: Shift,
  pushAddress: () => void,
): void {
  const [address, offset] = [body.local("i32"), body.local("i32")];
  pushAddress();
  body.set(address);
  body.i32(0);
  body.set(offset);
  const from = (depth: number): void => {
    const [extent, step] = [reduced[depth], steps[depth] ?? 0];
    if (extent === undefined) {
      body.get(address);
      body.get(offset);
      body.access("i32.store", 0);
      body.increase(address, 4);
      return;
    }
    const left = body.local("i32");
    body.i32(extent);
    body.set(left);
    body.loop(() => {
      from(depth + 1);
      body.increase(offset, 4 * step);
      body.get(left);
      body.i32(1);
      body.op("i32.sub");
      body.tee(left);
    });
    body.increase(offset, -4 * step * extent);
    body.release(left);
  };
  from(0);
  for (const local of [address, offset]) body.release(local);
}
