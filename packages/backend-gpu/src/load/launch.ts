/** The steps of plans as dispatches of compiled shaders over bound ranges. */

import { dtypes, VerificationError } from "@adjoint/core";
import type { Kernel } from "@adjoint/core/kernel";
import type { LoadOptions, Plan } from "@adjoint/scheduler/plan";
import type { Device } from "../device/device.js";
import type { Work } from "../device/work.js";
import { type Dispatch, dispatchesOf } from "../dispatch/dispatch.js";
import { emit } from "../dispatch/emit.js";
import type { Shader } from "../shader/shader.js";
import { type Bound, bind } from "./bind.js";
import type { Layout, Range } from "./layout.js";

/** One dispatch of a step, ready to be encoded. */
export interface Launch {
  readonly step: number;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

export function encode(pass: GPUComputePassEncoder, { pipeline, bindGroup, workgroups }: Launch): void {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(...workgroups);
}

/** A pass of several launches, one after the other. */
export function encodeAll(encoder: GPUCommandEncoder, launches: readonly Launch[]): void {
  const pass = encoder.beginComputePass();
  for (const launch of launches) encode(pass, launch);
  pass.end();
}

/** One dispatch of a step before anything is compiled. */
export interface Draft {
  readonly step: number;
  /** What an error calls it. */
  readonly name: string;
  readonly shader: Shader;
  readonly bound: Bound;
}

/** How many pipelines are compiled at a time. */
const atOnce = 16;

/** Writes the shaders of kernels, once per kernel and way of binding it. */
export class Drafts {
  readonly #device: Device;
  readonly #dispatches = new Map<Kernel, readonly Dispatch[]>();
  readonly #shaders = new Map<Dispatch, Map<string, Shader>>();

  constructor(device: Device) {
    this.#device = device;
  }

  dispatches(kernel: Kernel): readonly Dispatch[] {
    const known = this.#dispatches.get(kernel) ?? dispatchesOf(kernel);
    this.#dispatches.set(kernel, known);
    return known;
  }

  /** Bytes of scratch memory that the plans' sums in parts take. */
  scratchOf(plans: Iterable<Plan>): number {
    let most = 0;
    for (const { kernels } of plans) {
      for (const kernel of kernels)
        for (const { operands } of this.dispatches(kernel))
          for (const operand of operands) if (typeof operand !== "number") most = Math.max(most, operand.to);
    }
    return most;
  }

  of(program: string, plan: Plan, layout: Layout, scratch: number): Draft[] {
    const ranges = layout.programs.get(program) ?? [];
    const { maxStorageBuffersPerShaderStage: bindings, maxStorageBufferBindingSize: bytes } =
      this.#device.gpu.limits;
    const limits = { bindings, bytes };
    return plan.steps.flatMap(({ kernel: index, buffers, nodes }, step) => {
      const kernel = plan.kernels[index];
      if (kernel === undefined || kernel.buffers.length !== buffers.length)
        throw new VerificationError("A step does not fit its kernel.", `${program} step ${step}`);
      return this.dispatches(kernel).map((dispatch, part): Draft => {
        const operands = dispatch.operands.map((operand, position): Range => {
          const range =
            typeof operand === "number"
              ? ranges[buffers[operand] ?? -1]
              : { chunk: scratch, offset: operand.from, bytes: operand.to - operand.from };
          const buffer = dispatch.kernel.buffers[position];
          const used = (buffer?.size ?? 0) * dtypes[buffer?.dtype ?? "float32"].bytes;
          return range === undefined || used === 0 ? layout.nothing : range;
        });
        const name = `${nodes[0] ?? "a step"} (kernel ${index}${part === 0 ? "" : `, part ${part}`} of ${program})`;
        const bound = bind(dispatch, operands, limits, name);
        return { step, name, shader: this.#shader(dispatch, bound), bound };
      });
    });
  }

  #shader(dispatch: Dispatch, { views, bindings }: Bound): Shader {
    const key = JSON.stringify([views, bindings]);
    const known = this.#shaders.get(dispatch) ?? new Map<string, Shader>();
    this.#shaders.set(dispatch, known);
    const shader = known.get(key) ?? emit(dispatch, views, bindings, this.#device.subgroup);
    known.set(key, shader);
    return shader;
  }
}

/** Compiles drafts in parallel and binds their ranges of `chunks`. */
export async function compileDrafts(
  drafts: readonly Draft[],
  chunks: readonly GPUBuffer[],
  { gpu, pipelines }: Device,
  work: Work,
  { onProgress, signal }: LoadOptions,
): Promise<Launch[]> {
  const launches: Launch[] = [];
  const groups = new Map<string, GPUBindGroup>();
  const texts = new Set(drafts.map(({ shader }) => shader.code));
  const done = new Set<string>();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < drafts.length; index = next++) {
      signal?.throwIfAborted();
      const draft = drafts[index];
      if (draft === undefined) return;
      const { code, workgroups } = draft.shader;
      const { pipeline, layout } = await pipelines.compile(code, draft.bound.bindings, draft.name);
      const key = JSON.stringify([draft.bound.ranges, draft.bound.bindings.map(({ access }) => access)]);
      const entries = draft.bound.ranges.map(({ chunk, offset, bytes }, binding) => {
        const buffer = chunks[chunk];
        if (buffer === undefined) throw new VerificationError(`There is no chunk ${chunk}.`, draft.name);
        return { binding, resource: { buffer, offset, size: bytes } };
      });
      const bindGroup = groups.get(key) ?? work.ask(() => gpu.createBindGroup({ layout, entries }));
      groups.set(key, bindGroup);
      launches[index] = { step: draft.step, pipeline, bindGroup, workgroups };
      if (done.has(code)) continue;
      done.add(code);
      onProgress?.(done.size, texts.size);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return launches;
}
