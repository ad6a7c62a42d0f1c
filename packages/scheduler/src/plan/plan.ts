/** The Plan: everything that will run, in order, with every byte placed. Plain data; it refuses to hold code or devices. */

import type { DType, Initializer } from "@adjoint/core";
import type { Kernel } from "@adjoint/core/kernel";

/** A named tensor of the host interface. */
export interface TensorSlot {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Index into `Plan.buffers`. */
  readonly buffer: number;
}

export interface OutputSlot extends TensorSlot {
  /** The node whose value it is. */
  readonly node: string;
}

export interface ParameterSlot extends TensorSlot {
  /** `state` for what an optimizer or a normalization keeps beside the weights. */
  readonly role: "weight" | "state";
  /** Its value before the first update. */
  readonly initializer: Initializer;
}

/**
 * Where a buffer lives. `parameter`: device memory that outlives steps, addressed by name and shared by programs.
 * `input`: written by the host before a step. `constant`: written once when loading. `arena`: reused between kernels.
 */
export type Space = "parameter" | "input" | "constant" | "arena";

export interface PlanBuffer {
  readonly space: Space;
  /** Bytes from the start of the space (0 for parameters: the backend places them). */
  readonly offset: number;
  /** Bytes, a multiple of the plan's alignment. */
  readonly bytes: number;
  /** Steps [lower, upper) during which it holds a value. */
  readonly lower: number;
  readonly upper: number;
  /** Printed names of the nodes whose values it holds, in order; of a parameter its own, whatever updates it. */
  readonly nodes: readonly string[];
}

/** `recompute` runs a kernel again whose result was given up in between. */
export const phases = ["forward", "backward", "recompute", "update"] as const;
export type Phase = (typeof phases)[number];

export interface PlanStep {
  /** Index into `Plan.kernels`. */
  readonly kernel: number;
  /** For each of the kernel's buffers, an index into `Plan.buffers`. */
  readonly buffers: readonly number[];
  /** For each buffer that the kernel reads, all but the last, the node whose value it finds there. */
  readonly reads: readonly string[];
  readonly phase: Phase;
  /** The node whose value the kernel stores, then those computed on the way. */
  readonly nodes: readonly string[];
}

export interface ConstantData {
  readonly buffer: number;
  readonly dtype: DType;
  readonly values: readonly number[];
}

/** What a plan costs, known before it runs. Bytes unless said otherwise. */
export interface PlanMemory {
  /** Weights and optimizer state. */
  readonly parameterBytes: number;
  readonly stateBytes: number;
  readonly inputBytes: number;
  readonly constantBytes: number;
  readonly arenaBytes: number;
  /** The largest sum of buffers alive at one step: no arena can be smaller for this order. */
  readonly maxLiveBytes: number;
  /** The step at which `maxLiveBytes` is reached. */
  readonly peakStep: number;
  /** What forward kernels leave for backward ones. */
  readonly retainedBytes: number;
  readonly retained: readonly { readonly node: string; readonly bytes: number }[];
  /** Scalar operations of one run. */
  readonly flops: number;
  /** Of those, what is computed again to save memory. */
  readonly recomputedFlops: number;
  readonly recomputed: readonly { readonly node: string; readonly bytes: number; readonly flops: number }[];
  /** Bytes the arena was allowed to take; null where no budget was given. */
  readonly budgetBytes: number | null;
  /** No plan of these kernels within the budget recomputes fewer scalar operations. */
  readonly leastRecomputedFlops: number;
  /** How much more than that is recomputed. */
  readonly recomputationGap: number;
}

export interface Plan {
  readonly format: "adjoint.plan";
  readonly version: 2;
  /** Name of the target it was made for. */
  readonly target: string;
  /** Bytes: every offset and size of a buffer is a multiple of it. */
  readonly alignment: number;
  readonly parameters: readonly ParameterSlot[];
  readonly inputs: readonly TensorSlot[];
  readonly outputs: readonly OutputSlot[];
  readonly constants: readonly ConstantData[];
  readonly buffers: readonly PlanBuffer[];
  /** Distinct kernels; steps share them. */
  readonly kernels: readonly Kernel[];
  readonly steps: readonly PlanStep[];
  readonly memory: PlanMemory;
}
