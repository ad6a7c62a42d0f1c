/** What a backend promises when it takes part in the conformance suites. It refuses to run anything. */

import type { Backend } from "@adjoint/scheduler";

export type Float = "float32" | "float64";

export interface Participant {
  readonly backend: () => Backend;
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
