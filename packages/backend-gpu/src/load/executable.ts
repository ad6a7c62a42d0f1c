/** Loaded plans on a device. While stepping nothing is created but commands; a step is one submit. */

import { DeviceLostError, DisposedError, NameError, sizeOf, VerificationError } from "@adjoint/core";
import type { Executable, HostArray, Plan, TensorSlot } from "@adjoint/scheduler/plan";
import type { Device } from "../device/device.js";
import { toDevice } from "./host.js";
import { encode, type Launch } from "./launch.js";
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

  constructor(loaded: Loaded) {
    this.#loaded = loaded;
    this.#device = loaded.device;
    this.bytes = loaded.layout.chunks.reduce((sum, bytes) => sum + bytes, 0);
    this.scratchBytes = loaded.layout.chunks.at(-1) ?? 0;
    this.lost = loaded.device.lost;
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
    const encoder = this.#device.gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const launch of launches) encode(pass, launch);
    pass.end();
    return this.#readBack(loaded, this.#readings(loaded, program, outputs), encoder);
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
    staging.destroy();
    for (const buffer of chunks) buffer.destroy();
    // Destroyed buffers pile up until the queue is known to be done with them.
    if (!this.#device.isLost) await this.#device.gpu.queue.onSubmittedWorkDone().catch(() => undefined);
  }

  #open(): Loaded {
    if (this.#loaded === undefined)
      throw new DisposedError("This executable has been disposed: load the plans again.");
    if (this.#device.isLost) throw new DeviceLostError("The device is lost: recover the session.", "gpu");
    const problem = this.#device.takeProblem();
    if (problem !== undefined)
      throw new VerificationError(`The device refused earlier work: ${problem}`, "gpu");
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

  #put({ chunks }: Loaded, { chunk, offset, dtype, size }: Placed, data: HostArray, what: string): void {
    const bytes = toDevice(data, dtype, size, what);
    const buffer = chunks[chunk];
    if (bytes.length > 0 && buffer !== undefined) this.#device.gpu.queue.writeBuffer(buffer, offset, bytes);
  }

  /** Submits what is encoded, copies of the readings behind it, and waits for them. */
  async #readBack(
    { chunks, staging }: Loaded,
    readings: readonly Reading[],
    encoder: GPUCommandEncoder = this.#device.gpu.createCommandEncoder(),
  ): Promise<ReadonlyMap<string, HostArray>> {
    const { queue } = this.#device.gpu;
    if (readings.length === 0) {
      queue.submit([encoder.finish()]);
      return new Map();
    }
    const bins = staging.tryTake() ?? (await staging.take());
    const lengths: number[] = [];
    for (const reading of readings) {
      const { chunk, offset, bin, at } = reading;
      const [source, target, bytes] = [chunks[chunk], bins[bin], copiedBytes(reading)];
      lengths[bin] = at + bytes;
      if (source !== undefined && target !== undefined && bytes > 0)
        encoder.copyBufferToBuffer(source, offset, target, at, bytes);
    }
    queue.submit([encoder.finish()]);
    return staging.read(bins, lengths, (mapped) => arraysOf(readings, mapped));
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
