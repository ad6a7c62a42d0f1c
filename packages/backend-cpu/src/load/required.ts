/** What a plan that fits together has. It refuses to check whether it does: this is for what would otherwise run on wrong addresses. */

import { VerificationError } from "@adjoint/core";

/** @throws VerificationError naming the place where something is missing. */
export function required<T>(value: T | undefined, what: string, where: string): T {
  if (value !== undefined) return value;
  throw new VerificationError(`There is no ${what}: the plan does not fit together.`, where);
}
