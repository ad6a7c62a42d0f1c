/** Loads plans: memory, shaders, pipelines, bind groups. */

import { MemoryError, VerificationError } from "@adjoint/core";
import type { Executable, LoadOptions, Plan } from "@adjoint/scheduler/plan";
import type { Device } from "../device/device.js";
import { Work } from "../device/work.js";
import { GpuExecutable, type LoadedProgram, stepsInFlight } from "./executable.js";
import { constantArray, toDevice } from "./host.js";
import { compileDrafts, Drafts } from "./launch.js";
import { layOut } from "./layout.js";
import { roomFor } from "./readings.js";
import { Staging } from "./staging.js";

/** Storage that is written from the host, copied from and bound. */
const storage = 128 | 8 | 4;

export async function loadPlans(
  device: Device,
  plans: ReadonlyMap<string, Plan>,
  options: LoadOptions = {},
): Promise<Executable> {
  const { signal } = options;
  signal?.throwIfAborted();
  for (const [program, plan] of plans) {
    if (plan.target === device.target.name) continue;
    throw new VerificationError(
      `Program ${program} was planned for ${plan.target}, not ${device.target.name}.`,
      program,
    );
  }
  const { gpu } = device;
  const planned = layOut(plans, gpu.limits.maxBufferSize);
  const drafts = new Drafts(device);
  const scratchBytes = drafts.scratchOf(plans.values());
  const layout = { ...planned, chunks: [...planned.chunks, scratchBytes] };
  const scratch = planned.chunks.length;
  const drafted = [...plans].map(([name, plan]) => [name, drafts.of(name, plan, layout, scratch)] as const);
  signal?.throwIfAborted();

  const work = new Work(gpu);
  gpu.pushErrorScope("out-of-memory");
  const { chunks, staging } = work.ask(() => ({
    chunks: layout.chunks.map((bytes) => gpu.createBuffer({ size: Math.max(256, bytes), usage: storage })),
    staging: new Staging(gpu, roomFor(plans.values(), gpu.limits.maxBufferSize), stepsInFlight),
  }));
  const refused = await gpu.popErrorScope();
  const release = (): void => {
    staging.destroy();
    for (const buffer of chunks) buffer.destroy();
  };
  try {
    if (refused !== null) {
      const total = layout.chunks.reduce((sum, bytes) => sum + bytes, 0);
      throw new MemoryError(`The device refuses ${total} bytes: ${refused.message}`, total);
    }
    const all = drafted.flatMap(([, list]) => list);
    const launches = await compileDrafts(all, chunks, device, work, options);
    const programs = new Map<string, LoadedProgram>();
    let start = 0;
    for (const [name, list] of drafted) {
      const plan = plans.get(name);
      if (plan !== undefined)
        programs.set(name, { plan, launches: launches.slice(start, start + list.length) });
      start += list.length;
    }
    for (const [name, plan] of plans) {
      for (const { buffer, dtype, values } of plan.constants) {
        const range = layout.programs.get(name)?.[buffer];
        const target = chunks[range?.chunk ?? -1];
        const bytes = toDevice(constantArray(dtype, values), dtype, values.length, `constant ${buffer}`);
        if (range !== undefined && target !== undefined && bytes.length > 0)
          work.ask(() => gpu.queue.writeBuffer(target, range.offset, bytes));
      }
    }
    return new GpuExecutable({ device, layout, chunks, programs, staging, work });
  } catch (error) {
    release();
    throw error;
  }
}
