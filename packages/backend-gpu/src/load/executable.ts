/** Loaded plans on a device. While stepping nothing is created but commands; a step is one submit. */

import { DeviceLostError, DisposedError, NameError, sizeOf } from "@adjoint/core";
import type { Executable, HostArray, Plan, TensorSlot } from "@adjoint/scheduler/plan";
import type { Device } from "../device/device.js";
import type { Work } from "../device/work.js";
import { toDevice } from "./host.js";
import { encodeAll, type Launch } from "./launch.js";
import type { Layout, Placed } from "./layout.js";
import { arraysOf, copiedBytes, type Reading, readingsOf } from "./readings.js";
import type { Staging } from "./staging.js";
import { timeLaunches } from "./timing.js";

export interface LoadedProgram {
  readonly plan: Plan;
  readonly launches: readonly Launch[];
}

export interface Loaded {
  readonly device: Device;
  readonly layout: Layout;
  readonly chunks: readonly GPUBuffer[];
  readonly programs: ReadonlyMap<string, LoadedProgram>;
  readonly staging: Staging;
  readonly work: Work;
}

/** Steps whose results may be on their way at once. */
export const stepsInFlight = 2;

export class GpuExecutable implements Executable {
  readonly bytes: number;
  readonly scratchBytes: number;
  readonly lost: Promise<string>;
  readonly inFlight = stepsInFlight;
  readonly #device: Device;
  #loaded: Loaded | undefined;
  #forget: () => void = () => undefined;

  constructor(loaded: Loaded) {
    this.#loaded = loaded;
    this.#device = loaded.device;
    this.bytes = loaded.chunks.reduce((sum, { size }) => sum + size, loaded.staging.bytes);
    this.scratchBytes = loaded.layout.chunks.at(-1) ?? 0;
    // Of its own, so that the device keeps nothing of an executable that is gone.
    this.lost = new Promise((resolve) => {
      this.#forget = loaded.device.onLost(resolve);
    });
  }

  async write(parameter: string, data: HostArray): Promise<void> {
    const loaded = this.#open();
    this.#put(loaded, parameterOf(loaded, parameter), data, `Parameter ${parameter}`);
  }

  async read(parameter: string): Promise<HostArray> {
    const loaded = this.#open();
    const placed = parameterOf(loaded, parameter);
    const results = await this.#readBack(loaded, [{ ...placed, name: parameter, bin: 0, at: 0 }]);
    return results.get(parameter) ?? new Uint8Array();
  }

  async run(
    program: string,
    feeds: ReadonlyMap<string, HostArray>,
    outputs?: readonly string[],
  ): Promise<ReadonlyMap<string, HostArray>> {
    const loaded = this.#open();
    this.#feed(loaded, program, feeds);
    const { launches } = programOf(loaded, program);
    return this.#readBack(loaded, this.#readings(loaded, program, outputs), launches);
  }

  async profile(
    program: string,
    feeds: ReadonlyMap<string, HostArray>,
  ): Promise<{ readonly clock: "device" | "host"; readonly milliseconds: readonly number[] }> {
    const loaded = this.#open();
    this.#feed(loaded, program, feeds);
    const { plan, launches } = programOf(loaded, program);
    const { clock, milliseconds } = await timeLaunches(this.#device.gpu, launches);
    const perStep = plan.steps.map(() => 0);
    for (const [index, { step }] of launches.entries())
      perStep[step] = (perStep[step] ?? 0) + (milliseconds[index] ?? 0);
    return { clock, milliseconds: perStep };
  }

  async output(program: string, name: string): Promise<HostArray> {
    const loaded = this.#open();
    const results = await this.#readBack(loaded, this.#readings(loaded, program, [name]));
    return results.get(name) ?? new Uint8Array();
  }

  async dispose(): Promise<void> {
    if (this.#loaded === undefined) return;
    const { chunks, staging } = this.#loaded;
    this.#loaded = undefined;
    this.#forget();
    staging.destroy();
    for (const buffer of chunks) buffer.destroy();
    // Destroyed buffers pile up until the queue is known to be done with them.
    if (!this.#device.isLost) await this.#device.gpu.queue.onSubmittedWorkDone().catch(() => undefined);
  }

  #open(): Loaded {
    if (this.#loaded === undefined)
      throw new DisposedError("This executable has been disposed: load the plans again.");
    if (this.#device.isLost) throw new DeviceLostError("The device is lost: recover the session.", "gpu");
    this.#loaded.work.check();
    return this.#loaded;
  }

  #feed(loaded: Loaded, program: string, feeds: ReadonlyMap<string, HostArray>): void {
    const { plan } = programOf(loaded, program);
    for (const slot of plan.inputs) {
      const data = feeds.get(slot.name);
      if (data === undefined)
        throw new NameError(`Program ${program} needs a feed for input ${slot.name}.`, slot.name);
      this.#put(loaded, placedOf(loaded, program, slot), data, `Input ${slot.name}`);
    }
  }

  #put(
    { chunks, work }: Loaded,
    { chunk, offset, dtype, size }: Placed,
    data: HostArray,
    what: string,
  ): void {
    const bytes = toDevice(data, dtype, size, what);
    const buffer = chunks[chunk];
    if (bytes.length > 0 && buffer !== undefined)
      work.ask(() => this.#device.gpu.queue.writeBuffer(buffer, offset, bytes));
  }

  /** Submits launches and copies of the readings behind them, and waits for these. */
  async #readBack(
    { chunks, staging, work }: Loaded,
    readings: readonly Reading[],
    launches: readonly Launch[] = [],
  ): Promise<ReadonlyMap<string, HostArray>> {
    const bins = readings.length === 0 ? [] : (staging.tryTake() ?? (await staging.take()));
    const lengths: number[] = [];
    work.ask(() => {
      const encoder = this.#device.gpu.createCommandEncoder();
      if (launches.length > 0) encodeAll(encoder, launches);
      for (const reading of readings) {
        const { chunk, offset, bin, at } = reading;
        const [source, target, bytes] = [chunks[chunk], bins[bin], copiedBytes(reading)];
        lengths[bin] = at + bytes;
        if (source !== undefined && target !== undefined && bytes > 0)
          encoder.copyBufferToBuffer(source, offset, target, at, bytes);
      }
      this.#device.gpu.queue.submit([encoder.finish()]);
    });
    if (readings.length === 0) return new Map();
    const results = await staging.read(bins, lengths, (mapped) => arraysOf(readings, mapped));
    work.check();
    return results;
  }

  #readings(loaded: Loaded, program: string, names?: readonly string[]): readonly Reading[] {
    const { plan } = programOf(loaded, program);
    return readingsOf(program, plan, loaded.layout, loaded.staging.room, names);
  }
}

function parameterOf({ layout }: Loaded, name: string): Placed {
  const found = layout.parameters.get(name);
  if (found !== undefined) return found;
  const known = [...layout.parameters.keys()].join(", ") || "none";
  throw new NameError(`There is no parameter ${name}; there is ${known}.`, name);
}

function programOf({ programs }: Loaded, name: string): LoadedProgram {
  const found = programs.get(name);
  if (found !== undefined) return found;
  throw new NameError(`There is no program ${name}; there is ${[...programs.keys()].join(", ")}.`, name);
}

function placedOf({ layout }: Loaded, program: string, { dtype, shape, buffer }: TensorSlot): Placed {
  const range = layout.programs.get(program)?.[buffer] ?? layout.nothing;
  return { ...range, dtype, size: sizeOf(shape) };
}
