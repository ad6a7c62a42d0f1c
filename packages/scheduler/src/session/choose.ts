/** Which of several backends a program is compiled for: the first that works. */

import { type AdjointError, DeviceLostError, DTypeError, MemoryError, UnavailableError } from "@adjoint/core";
import type { Backend, BackendRequest } from "../backend/backend.js";
import type { SessionEvent } from "./events.js";

export type BackendChoice = Backend | BackendRequest;

export function openBackend(choice: BackendChoice): Promise<Backend> {
  return "open" in choice ? choice.open() : Promise.resolve(choice);
}

function nameOf(choice: BackendChoice): string {
  return "open" in choice ? choice.name : choice.target.name;
}

/** What another backend may do better: it is not there or lost, lacks a dtype or has too little memory. */
function isRejection(error: unknown): error is AdjointError {
  return [UnavailableError, DeviceLostError, DTypeError, MemoryError].some((kind) => error instanceof kind);
}

/**
 * The result of the first attempt that is not rejected; each rejection is reported with its reason.
 * @throws UnavailableError naming every reason, or the one rejection of a single backend as it is.
 */
export async function firstOf<T>(
  choices: readonly BackendChoice[],
  attempt: (choice: BackendChoice) => Promise<T>,
  report: (event: SessionEvent) => void,
): Promise<T> {
  const reasons: string[] = [];
  for (const choice of choices) {
    try {
      return await attempt(choice);
    } catch (error) {
      if (choices.length === 1 || !isRejection(error)) throw error;
      reasons.push(`${nameOf(choice)}: ${error.message}`);
      report({ type: "rejected", backend: nameOf(choice), reason: error.message });
    }
  }
  throw new UnavailableError(`No backend can run this. ${reasons.join(" ")}`, "backend");
}
