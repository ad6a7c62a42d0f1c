/** What a backend promises when it takes part in the conformance suites. It refuses to run anything. */

import type { Backend } from "@adjoint/scheduler";

export type Float = "float32" | "float64";

export interface Participant {
  /**
   * By name: variants of one backend, for which a plan is the same. One that is called "⟨another⟩, ⟨how⟩" gives the bits of that.
   */
  readonly backends: readonly (readonly [name: string, Backend])[];
  readonly floats: readonly Float[];
  /** Of a result against the float64 interpreter, relative to the largest expected magnitude of an output. */
  readonly tolerance: Readonly<Record<Float, number>>;
  /** Wider float32 tolerances by case name, where a device's own functions are less exact. */
  readonly wider?: Readonly<Record<string, number>>;
  /** Whether several cases may be under way: the device compiles the pipelines of one while the next is planned. */
  readonly isConcurrent?: boolean;
  /** Reasons by case name. */
  readonly skipped: Readonly<Record<string, string>>;
}
