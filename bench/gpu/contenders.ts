// Who takes part on WebGPU: Adjoint, jax-js and TensorFlow.js, each on a device of its own of one adapter. A step is done
// when its results are on the host, or where they stay on the device when that has finished.

import { gpu, type WebGpu } from "@adjoint/backend-gpu";
import { halfValue } from "@adjoint/core/kernel";
import { type Backend, compile, type Profile, type Session } from "@adjoint/scheduler";
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

/** Adjoint, and what its device says of each kernel. */
export interface OnGpu extends Contender {
  profile(workload: Workload): Promise<Profile>;
}

export async function adjointOn(instance: WebGpu): Promise<OnGpu> {
  const backend = await gpu({ gpu: instance }).open();
  return {
    name: "adjoint",
    settings: "@adjoint/backend-gpu, float32, one submit per step",
    load: async (workload) => waiting(workload, await compileFor(workload, backend)),
    profile: async (workload) => {
      const session = await compileFor(workload, backend);
      try {
        const feeds = Object.entries(workload.feeds).map(([name, { data }]) => [name, data] as const);
        return await session.profile(Object.fromEntries(feeds));
      } finally {
        await session.dispose();
      }
    },
  };
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
