/** Checks the input of offset assignment item by item. It refuses to repair anything. */

import {
  checkAmount,
  checkList,
  checkListeners,
  checkRecord,
  checkSeconds,
  MemoryInputError,
  shown,
} from "../memory-input.js";
import type { LiveBuffer, OffsetsOptions } from "./types.js";

/** Sizes rounded up to the alignment, after everything has been checked. Throws MemoryInputError. */
export function checkOptions(options: OffsetsOptions): Float64Array {
  const { buffers, alignment = 1, capacity, timeLimit } = checkRecord(options);
  checkListeners(options);
  if (!Number.isSafeInteger(alignment) || alignment < 1) {
    throw new MemoryInputError(
      undefined,
      "alignment",
      `is ${shown(alignment)}; give a whole number of at least 1`,
    );
  }
  if (capacity !== undefined) checkAmount(capacity, "capacity");
  checkSeconds(timeLimit, "timeLimit");
  checkList(buffers, "buffers", "buffers");
  const sizes = new Float64Array(buffers.length);
  let sum = 0;
  for (let item = 0; item < buffers.length; item++) {
    const size = checkBuffer(buffers[item], item, alignment);
    sum += size;
    if (sum > Number.MAX_SAFE_INTEGER) {
      throw refuse(item, "size", "brings the sum of all sizes beyond 2^53 - 1; count in a larger unit");
    }
    sizes[item] = size;
  }
  return sizes;
}

function checkBuffer(buffer: LiveBuffer | undefined, item: number, alignment: number): number {
  if (buffer === undefined || buffer === null) {
    throw refuse(item, "size", "is missing: there is no buffer at this index");
  }
  const { lower, upper, size } = buffer;
  if (!Number.isSafeInteger(size) || size < 0) {
    throw refuse(item, "size", `is ${shown(size)}; give a whole number from 0 to 2^53 - 1`);
  }
  if (!Number.isSafeInteger(lower))
    throw refuse(item, "lower", `is ${shown(lower)}; give a whole number below 2^53`);
  if (!Number.isSafeInteger(upper))
    throw refuse(item, "upper", `is ${shown(upper)}; give a whole number below 2^53`);
  if (upper <= lower) {
    throw refuse(item, "upper", `is ${upper}; it must be greater than lower, which is ${lower}`);
  }
  const beyond = size % alignment;
  return beyond === 0 ? size : size + alignment - beyond;
}

function refuse(item: number, field: string, problem: string): MemoryInputError {
  return new MemoryInputError({ list: "buffers", item }, field, problem);
}
