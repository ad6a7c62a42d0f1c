/** Offset assignment over plain data. */

export { assignOffsets } from "./assign.js";
export type { LiveBuffer, OffsetsOptions, OffsetsProgress, OffsetsResult } from "./types.js";
