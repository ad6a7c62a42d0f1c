/** Offset assignment over plain data. */

export { assignOffsets } from "./assign.js";
export { MemoryInputError } from "./errors.js";
export type { LiveBuffer, OffsetsOptions, OffsetsProgress, OffsetsResult } from "./types.js";
