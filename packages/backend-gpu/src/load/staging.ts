/** Reading back: buffers that the host can map, made once and used in turn. */

import { DeviceLostError } from "@adjoint/core";
import type { Room } from "./readings.js";

const mapRead = 1;
const copyDestination = 8;

/** The buffers of one step. */
export type Bins = readonly GPUBuffer[];

export class Staging {
  readonly room: Room;
  readonly #free: Bins[];
  readonly #all: readonly Bins[];
  readonly #waiting: ((bins: Bins) => void)[] = [];

  constructor(device: GPUDevice, room: Room, count: number) {
    this.room = room;
    const size = Math.max(16, room.bytes);
    this.#all = Array.from({ length: count }, () =>
      Array.from({ length: room.bins }, () =>
        device.createBuffer({ size, usage: mapRead | copyDestination }),
      ),
    );
    this.#free = [...this.#all];
  }

  /** Of all buffers. */
  get bytes(): number {
    return this.#all.flat().reduce((sum, { size }) => sum + size, 0);
  }

  /** Buffers at once, if some are free. */
  tryTake(): Bins | undefined {
    return this.#free.pop();
  }

  take(): Promise<Bins> {
    const bins = this.tryTake();
    return bins === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(bins);
  }

  /** Gives so many bytes of each of the first buffers to `read`, then takes the buffers back. @throws DeviceLostError */
  async read<T>(
    bins: Bins,
    lengths: readonly number[],
    read: (mapped: readonly ArrayBuffer[]) => T,
  ): Promise<T> {
    const used = bins.slice(0, lengths.length);
    const end = (bin: number): number => Math.max(4, lengths[bin] ?? 0);
    try {
      await Promise.all(used.map((buffer, bin) => buffer.mapAsync(mapRead, 0, end(bin)))).catch(
        (cause: unknown) => {
          throw new DeviceLostError(
            `The device was lost before a step was read back: ${String(cause)}`,
            "gpu",
          );
        },
      );
      const result = read(used.map((buffer, bin) => buffer.getMappedRange(0, end(bin))));
      for (const buffer of used) buffer.unmap();
      return result;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(bins);
      else next(bins);
    }
  }

  destroy(): void {
    for (const buffer of this.#all.flat()) buffer.destroy();
  }
}
