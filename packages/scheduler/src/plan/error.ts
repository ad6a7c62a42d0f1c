/** The error of a plan that is not what it says. It refuses to repair anything. */

import { VerificationError } from "@adjoint/core";

/** A plan that would not run as it says: `address` is the entry, such as `steps[3].reads[1]` or `memory.peakStep`. */
export class PlanError extends VerificationError {
  constructor(address: string, problem: string) {
    super(`The plan is wrong: ${address} ${problem}.`, address);
  }
}
