/**
 * What is asked of a device for one executable, and what the device refuses of that: in error scopes, so that what others do
 * with the device, right or wrong, is theirs.
 */

import { VerificationError } from "@adjoint/core";

export class Work {
  readonly #device: GPUDevice;
  #refused: string | undefined;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Asks at once. A refusal is known later: `check` throws it. */
  ask<T>(work: () => T): T {
    this.#device.pushErrorScope("validation");
    try {
      return work();
    } finally {
      this.#device.popErrorScope().then(
        (error) => {
          this.#refused ??= error?.message;
        },
        // The device is lost, which is told elsewhere.
        () => undefined,
      );
    }
  }

  /** @throws VerificationError for the first refusal since the last call. */
  check(): void {
    const refused = this.#refused;
    this.#refused = undefined;
    if (refused !== undefined)
      throw new VerificationError(`The device refused what it was asked: ${refused}`, "gpu");
  }
}
