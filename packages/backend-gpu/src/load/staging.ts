/** Reading back: buffers that the host can map, made once and used in turn. */

import { DeviceLostError } from "@adjoint/core";

const mapRead = 1;
const copyDestination = 8;

export class Staging {
  readonly #free: GPUBuffer[];
  readonly #all: readonly GPUBuffer[];
  readonly #waiting: ((buffer: GPUBuffer) => void)[] = [];

  constructor(device: GPUDevice, bytes: number, count: number) {
    this.#all = Array.from({ length: count }, () =>
      device.createBuffer({ size: Math.max(16, bytes), usage: mapRead | copyDestination }),
    );
    this.#free = [...this.#all];
  }

  /** A buffer at once, if one is free. */
  tryTake(): GPUBuffer | undefined {
    return this.#free.pop();
  }

  take(): Promise<GPUBuffer> {
    const buffer = this.tryTake();
    return buffer === undefined
      ? new Promise((resolve) => this.#waiting.push(resolve))
      : Promise.resolve(buffer);
  }

  /** Gives what was copied into a buffer to `read`, then takes the buffer back. @throws DeviceLostError */
  async read<T>(buffer: GPUBuffer, bytes: number, read: (mapped: ArrayBuffer) => T): Promise<T> {
    try {
      await buffer.mapAsync(mapRead, 0, Math.max(4, bytes)).catch((cause: unknown) => {
        throw new DeviceLostError(`The device was lost before a step was read back: ${String(cause)}`, "gpu");
      });
      const result = read(buffer.getMappedRange(0, Math.max(4, bytes)));
      buffer.unmap();
      return result;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(buffer);
      else next(buffer);
    }
  }

  destroy(): void {
    for (const buffer of this.#all) buffer.destroy();
  }
}
