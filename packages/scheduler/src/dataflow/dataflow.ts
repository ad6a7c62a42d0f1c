/**
 * Operations and the values between them as flat arrays, the form every memory planner works on. It refuses to plan.
 *
 * That one operation comes after another without reading from it is a value of size 0 between them, behind the values
 * of the declaration.
 */

import type { Rows } from "./rows.js";

export interface Dataflow {
  readonly operations: number;
  readonly values: number;
  /** Per value; 0 for a value without producer. */
  readonly size: Float64Array;
  /** Per value; -1 for a value without producer. */
  readonly producer: Int32Array;
  /** Per operation, the distinct produced values it reads. */
  readonly inputs: Rows;
  /** Per operation, the values it writes. */
  readonly outputs: Rows;
  /** Per value, the distinct operations that read it. */
  readonly consumers: Rows;
  /** Per value, 1 where it stays live to the end. */
  readonly kept: Uint8Array;
  /** Per operation, what running it adds to what is live before: its outputs and its workspace. */
  readonly demand: Float64Array;
  /** Per operation, the produced inputs whose memory one of its outputs, of the same size, can take over. */
  readonly overwrites: Rows;
  /** Per operation, the operations that cannot run, or run again, after it. */
  readonly closes: Rows;
}
