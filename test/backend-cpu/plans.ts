// Plans written by hand: named tensors, kernels over them, and steps. Everything else is filled in.

import { type DType, dtypes, filled, sizeOf } from "@adjoint/core";
import type { Kernel, KernelScalar } from "@adjoint/core/kernel";
import { axisTimes, type Load } from "@adjoint/core/kernel";
import type { Plan, PlanBuffer, Space, TensorSlot } from "@adjoint/scheduler/plan";

export interface Tensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly space: Space;
  /** Elements, of a constant. */
  readonly values?: readonly number[];
}

export interface Step {
  readonly kernel: Kernel;
  /** Names of tensors. */
  readonly buffers: readonly string[];
}

export function planOf(tensors: readonly Tensor[], steps: readonly Step[], outputs: readonly string[]): Plan {
  const ends: Record<Space, number> = { parameter: 0, input: 0, constant: 0, arena: 0 };
  const buffers = tensors.map(({ space, shape, dtype, name }): PlanBuffer => {
    const bytes = Math.ceil((sizeOf(shape) * dtypes[dtype].bytes) / 64) * 64;
    const offset = space === "parameter" ? 0 : ends[space];
    ends[space] += bytes;
    return { space, offset, bytes, lower: 0, upper: steps.length, nodes: [name] };
  });
  const slot = ({ name, dtype, shape }: Tensor): TensorSlot => ({
    name,
    dtype,
    shape,
    buffer: indexOf(name),
  });
  const indexOf = (name: string): number => tensors.findIndex((tensor) => tensor.name === name);
  const inSpace = (space: Space): readonly Tensor[] => tensors.filter((tensor) => tensor.space === space);
  const kernels = [...new Set(steps.map(({ kernel }) => kernel))];
  return {
    format: "adjoint.plan",
    version: 2,
    target: "cpu",
    alignment: 64,
    parameters: inSpace("parameter").map((tensor) => ({
      ...slot(tensor),
      role: "weight",
      initializer: filled(0),
    })),
    inputs: inSpace("input").map(slot),
    outputs: outputs.flatMap((name) =>
      tensors.filter((tensor) => tensor.name === name).map((tensor) => ({ ...slot(tensor), node: name })),
    ),
    constants: inSpace("constant").map(({ name, dtype, values = [] }) => ({
      buffer: indexOf(name),
      dtype,
      values,
    })),
    buffers,
    kernels,
    steps: steps.map(({ kernel, buffers: names }) => {
      return {
        kernel: kernels.indexOf(kernel),
        buffers: names.map(indexOf),
        reads: names.slice(0, -1),
        phase: "forward",
        nodes: names.slice(-1),
      };
    }),
    memory: {
      parameterBytes: ends.parameter,
      stateBytes: 0,
      inputBytes: ends.input,
      constantBytes: ends.constant,
      arenaBytes: ends.arena,
      maxLiveBytes: ends.arena,
      peakStep: 0,
      retainedBytes: 0,
      retained: [],
      flops: 0,
      recomputedFlops: 0,
      recomputed: [],
      budgetBytes: null,
      leastRecomputedFlops: 0,
      recomputationGap: 0,
    },
  };
}

/** A kernel that computes each element of its last buffer from those of the others at the same place. */
export function elementwise(
  size: number,
  dtypesOf: readonly DType[],
  body: (...operands: readonly Load[]) => KernelScalar,
): Kernel {
  const loads = dtypesOf.slice(0, -1).map((dtype, buffer): Load => {
    return { kind: "load", dtype, buffer, offset: axisTimes(0), indirect: [], bounds: [], fill: 0 };
  });
  const last = dtypesOf.length - 1;
  return {
    buffers: dtypesOf.map((dtype, index) => ({ dtype, size, access: index === last ? "write" : "read" })),
    axes: [{ extent: size, order: "parallel" }],
    stages: [
      {
        axes: [],
        accumulators: [],
        stores: [{ buffer: last, offset: axisTimes(0), indirect: [], bounds: [], value: body(...loads) }],
      },
    ],
    aliases: dtypesOf
      .slice(0, -1)
      .flatMap((dtype, index) => (dtype === dtypesOf[last] ? [[last, index] as const] : [])),
  };
}
