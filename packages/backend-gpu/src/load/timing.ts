/** How long launches take: by time stamps of the device where it has them, else launch by launch on the host's clock. */

import { encode, type Launch } from "./launch.js";

export interface Timing {
  readonly clock: "device" | "host";
  /** One per launch. */
  readonly milliseconds: readonly number[];
}

/** Launches of one query set, which has at most 4096 entries, two per launch. */
const perSet = 2048;
const nanosecondsPerMillisecond = 1e6;
const [mapRead, copySource, copyDestination, queryResolve] = [1, 4, 8, 512];

export async function timeLaunches(device: GPUDevice, launches: readonly Launch[]): Promise<Timing> {
  if (!device.features.has("timestamp-query")) return onHost(device, launches);
  const milliseconds: number[] = [];
  for (let start = 0; start < launches.length; start += perSet)
    milliseconds.push(...(await stamped(device, launches.slice(start, start + perSet))));
  return { clock: "device", milliseconds };
}

/** A pass per launch: time stamps are written where passes begin and end. */
async function stamped(device: GPUDevice, launches: readonly Launch[]): Promise<number[]> {
  const count = 2 * launches.length;
  const querySet = device.createQuerySet({ type: "timestamp", count });
  const resolved = device.createBuffer({ size: 8 * count, usage: queryResolve | copySource });
  const mapped = device.createBuffer({ size: 8 * count, usage: mapRead | copyDestination });
  const encoder = device.createCommandEncoder();
  for (const [index, launch] of launches.entries()) {
    const stamps = { beginningOfPassWriteIndex: 2 * index, endOfPassWriteIndex: 2 * index + 1 };
    alone(encoder.beginComputePass({ timestampWrites: { querySet, ...stamps } }), launch);
  }
  encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, mapped, 0, 8 * count);
  device.queue.submit([encoder.finish()]);
  await mapped.mapAsync(mapRead);
  const times = new BigUint64Array(mapped.getMappedRange().slice(0));
  mapped.unmap();
  for (const resource of [querySet, resolved, mapped]) resource.destroy();
  return launches.map((_, index) => {
    const passed = (times[2 * index + 1] ?? 0n) - (times[2 * index] ?? 0n);
    return Math.max(0, Number(passed)) / nanosecondsPerMillisecond;
  });
}

async function onHost(device: GPUDevice, launches: readonly Launch[]): Promise<Timing> {
  const milliseconds: number[] = [];
  for (const launch of launches) {
    const start = performance.now();
    const encoder = device.createCommandEncoder();
    alone(encoder.beginComputePass(), launch);
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    milliseconds.push(performance.now() - start);
  }
  return { clock: "host", milliseconds };
}

/** A pass of one launch. */
function alone(pass: GPUComputePassEncoder, launch: Launch): void {
  encode(pass, launch);
  pass.end();
}
