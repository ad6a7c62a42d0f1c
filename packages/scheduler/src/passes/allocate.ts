/** allocate: kernels → plan. Gives every value an address in its space and states what the plan costs. */

import type { DType } from "@adjoint/core";
import { encodeKernel, type Kernel } from "@adjoint/core/kernel";
import { type Arena, arenaOf } from "../allocate/arena.js";
import { alignedBytes } from "../allocate/lifetimes.js";
import { memoryOf } from "../allocate/memory.js";
import type {
  ConstantData,
  OutputSlot,
  ParameterSlot,
  PlanBuffer,
  PlanStep,
  TensorSlot,
} from "../plan/plan.js";
import { meterFor } from "./effort.js";
import { definePass, type KernelStage, type Slot } from "./stage.js";

export const allocate = definePass("allocate", "kernels", "plan", (stage, context) => {
  const { target, memoryBudget } = context;
  const arena = stage.arena ?? arenaOf(stage, target, meterFor(context), memoryBudget);
  const { buffers, bufferOf } = place(stage, arena, target.alignment);
  const { kernels, kernelOf } = distinctKernels(stage);
  const steps = stage.steps.map(
    (step, index): PlanStep => ({
      kernel: kernelOf[index] ?? 0,
      buffers: step.values.map(bufferOf),
      reads: step.reads,
      phase: step.phase,
      nodes: step.nodes,
    }),
  );
  const slot = ({ name, type, value }: Slot): TensorSlot => ({ name, ...type, buffer: bufferOf(value) });
  const parameters = stage.parameters.map(
    (parameter): ParameterSlot => ({
      ...slot(parameter),
      role: parameter.state ? "state" : "weight",
      initializer: parameter.initializer,
    }),
  );
  const constants = stage.constants.map(
    ({ value, elements }): ConstantData => ({
      buffer: bufferOf(value),
      dtype: dtypeOf(stage, value),
      values: elements,
    }),
  );
  return {
    kind: "plan",
    plan: {
      format: "adjoint.plan",
      version: 2,
      target: target.name,
      alignment: target.alignment,
      parameters,
      inputs: stage.inputs.map(slot),
      outputs: stage.outputs.map((output): OutputSlot => ({ ...slot(output), node: output.node })),
      constants,
      buffers,
      kernels,
      steps,
      memory: memoryOf({
        parameters,
        buffers,
        steps,
        kernels,
        budgetBytes: memoryBudget ?? null,
        leastRecomputedFlops: stage.leastRecomputedFlops ?? 0,
      }),
    },
  };
});

function dtypeOf(stage: KernelStage, value: number): DType {
  return stage.values[value]?.type.dtype ?? "float32";
}

/** Buffers in order of their first value, and which one each value is in. */
function place(
  stage: KernelStage,
  { classes, offsets }: Arena,
  alignment: number,
): { buffers: PlanBuffer[]; bufferOf: (value: number) => number } {
  const indices = new Map<number, number>();
  const buffers: PlanBuffer[] = [];
  const next = { input: 0, constant: 0 };
  for (const [index, value] of stage.values.entries()) {
    if (value.space === "arena") continue;
    const bytes = alignedBytes(value.type, alignment);
    const offset = value.space === "parameter" ? 0 : next[value.space];
    if (value.space !== "parameter") next[value.space] += bytes;
    indices.set(index, buffers.length);
    buffers.push({
      space: value.space,
      offset,
      bytes,
      lower: 0,
      upper: stage.steps.length + 1,
      nodes: [value.name],
    });
  }
  for (const [position, { values, bytes, lower, upper }] of classes.entries()) {
    for (const value of values) indices.set(value, buffers.length);
    const nodes = values.map((value) => stage.values[value]?.name ?? "");
    buffers.push({ space: "arena", offset: offsets[position] ?? 0, bytes, lower, upper, nodes });
  }
  return { buffers, bufferOf: (value) => indices.get(value) ?? -1 };
}

function distinctKernels(stage: KernelStage): { kernels: Kernel[]; kernelOf: number[] } {
  const kernels: Kernel[] = [];
  const indices = new Map<Kernel, number>();
  const written = new Map<string, number>();
  const kernelOf = stage.steps.map(({ kernel }) => {
    const known = indices.get(kernel);
    if (known !== undefined) return known;
    const key = JSON.stringify(encodeKernel(kernel));
    const index = written.get(key) ?? kernels.push(kernel) - 1;
    written.set(key, index);
    indices.set(kernel, index);
    return index;
  });
  return { kernels, kernelOf };
}
