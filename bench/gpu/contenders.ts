// Who takes part on WebGPU: Adjoint, jax-js and TensorFlow.js, each on a device of its own of one adapter. A step is done
// when its results are on the host, or where they stay on the device when that has finished.

import { gpu, type WebGpu } from "@adjoint/backend-gpu";
import { halfValue } from "@adjoint/core/kernel";
import { type Backend, compile, type Session } from "@adjoint/scheduler";
import { runnerOf } from "../adjoint.js";
import { jaxJsOn } from "../peers/jax-js.js";
import { loadTfjs } from "../peers/tfjs.js";
import type { Contender } from "../runner.js";
import type { Workload } from "../workload.js";

export const jaxJs = jaxJsOn("webgpu", "webgpu device");

export const tfjs: Contender = {
  name: "tfjs",
  settings: "@tensorflow/tfjs and tfjs-backend-webgpu 4.22.0, `tidy` per step, float32",
  load: async (workload) => {
    await import("@tensorflow/tfjs-backend-webgpu");
    return loadTfjs("webgpu", workload);
  },
};

/** Adjoint, and what its device says of a workload's kernels. */
export interface OnGpu extends Contender {
  /** Milliseconds of them by the device's clock, the least of a few steps after a race; undefined where there is no such clock. */
  deviceTime(): number | undefined;
}

const profiles = 5;
/** Milliseconds after which those there are have to do. */
const patience = 5000;

export async function adjointOn(instance: WebGpu): Promise<OnGpu> {
  const backend = await gpu({ gpu: instance }).open();
  let time: number | undefined;
  return {
    name: "adjoint",
    settings: "@adjoint/backend-gpu, float32, one submit per step",
    deviceTime: () => time,
    load: async (workload) => {
      const session = await compileFor(workload, backend);
      const runner = waiting(workload, session);
      const dispose = async (): Promise<void> => {
        time = await profiled(session, workload).catch(() => undefined);
        await runner.dispose();
      };
      return { ...runner, dispose };
    },
  };
}

async function profiled(session: Session, workload: Workload): Promise<number | undefined> {
  const feeds = Object.fromEntries(
    Object.entries(workload.feeds).map(([name, { data }]) => [name, data] as const),
  );
  let least = Number.POSITIVE_INFINITY;
  const start = performance.now();
  for (let k = 0; k < profiles && performance.now() - start < patience; k++) {
    const { clock, milliseconds } = await session.profile(feeds);
    if (clock === "device" && milliseconds > 0) least = Math.min(least, milliseconds);
  }
  return Number.isFinite(least) ? least : undefined;
}

function compileFor(workload: Workload, backend: Backend): Promise<Session> {
  return compile(workload.declare("float32"), { backend });
}

/** Reading the smallest parameter waits for the device, where a step has nothing to read. */
function waiting(workload: Workload, session: Session): ReturnType<typeof runnerOf> {
  const runner = runnerOf(workload, session);
  const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);
  const [smallest] = [...session.plan.parameters].sort((a, b) => sizeOf(a.shape) - sizeOf(b.shape));
  return {
    step: async () => {
      await runner.step();
      if ("weight" in workload.result && smallest !== undefined) await session.read(smallest.name);
    },
    result: async () => {
      const data = await runner.result();
      return data instanceof Uint16Array ? Float32Array.from(data, halfValue) : data;
    },
    dispose: () => runner.dispose(),
  };
}
