/** The forms a program takes between declaration and plan, and what a pass between two of them is. */

import type { Graph, Initializer, Node, TensorType } from "@adjoint/core";
import { VerificationError } from "@adjoint/core";
import type { Kernel } from "@adjoint/core/kernel";
import type { Arena } from "../allocate/arena.js";
import type { Target } from "../backend/backend.js";
import type { PlanningProgress } from "../dataflow/effort.js";
import type { Phase, Plan, Space } from "../plan/plan.js";

/** Nodes that run as one kernel: the root, which is stored, and everything evaluated on the way to it. */
export interface Cluster {
  readonly root: Node;
  /** Evaluated inside, operands before users, the root last. */
  readonly members: readonly Node[];
  readonly kernel: Kernel;
  /** Stored nodes and leaves that the kernel loads from, one per buffer; its last buffer is the root's. */
  readonly reads: readonly Node[];
  /** The parameter that the root overwrites in place. */
  readonly updates?: Node;
}

export interface GraphStage {
  readonly kind: "graph";
  readonly graph: Graph;
}

export interface ClusterStage {
  readonly kind: "clusters";
  readonly graph: Graph;
  /** In execution order. A cluster that stands here again computes its value again, for those that read it afterwards. */
  readonly clusters: readonly Cluster[];
  /** No plan of these kernels within the budget recomputes fewer scalar operations; 0 by default. */
  readonly leastRecomputedFlops?: number;
  /** Where the values of this order fit within the budget, where that has been found. */
  readonly arena?: Arena;
}

/** A stored value before it has an address. */
export interface Value {
  readonly name: string;
  readonly type: TensorType;
  readonly space: Space;
}

export interface Slot {
  readonly name: string;
  readonly type: TensorType;
  readonly value: number;
}

export interface BoundStep {
  readonly kernel: Kernel;
  /** Index into `values` for each buffer of the kernel. */
  readonly values: readonly number[];
  /** The node that each value but the last, which is written, is of at that time. */
  readonly reads: readonly string[];
  readonly phase: Phase;
  readonly nodes: readonly string[];
}

export interface KernelStage {
  readonly kind: "kernels";
  readonly graph: Graph;
  readonly values: readonly Value[];
  readonly constants: readonly { readonly value: number; readonly elements: readonly number[] }[];
  readonly inputs: readonly Slot[];
  readonly parameters: readonly (Slot & { readonly state: boolean; readonly initializer: Initializer })[];
  readonly outputs: readonly (Slot & { readonly node: string })[];
  readonly steps: readonly BoundStep[];
  readonly leastRecomputedFlops?: number;
  readonly arena?: Arena;
}

export interface PlanStage {
  readonly kind: "plan";
  readonly plan: Plan;
}

export type Stage = GraphStage | ClusterStage | KernelStage | PlanStage;
export type StageKind = Stage["kind"];
export type StageOf<Kind extends StageKind> = Extract<Stage, { readonly kind: Kind }>;

export interface PassContext {
  readonly target: Target;
  /** Bytes that the arena may take at most. */
  readonly memoryBudget?: number | undefined;
  /**
   * Seconds that passes may search, about 0.3 by default and 2 with a budget. The default counts steps, so that plans do
   * not depend on the machine; a given time is also kept by the clock.
   */
  readonly planningTime?: number | undefined;
  /** Of the default, where no time is given: 1 unless this is one of several plans. */
  readonly share?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PassProgress) => void) | undefined;
}

/** What a pass that searches has reached. */
export interface PassProgress extends PlanningProgress {
  readonly pass: string;
}

/** One step of the pipeline: a pure function from one form to another. */
export interface Pass {
  readonly name: string;
  readonly from: StageKind;
  readonly to: StageKind;
  run(stage: Stage, context: PassContext): Stage;
}

export function isStage<Kind extends StageKind>(stage: Stage, kind: Kind): stage is StageOf<Kind> {
  return stage.kind === kind;
}

/** A pass of typed ends; running it on another form is a defect of the pipeline. */
export function definePass<From extends StageKind, To extends StageKind>(
  name: string,
  from: From,
  to: To,
  run: (stage: StageOf<From>, context: PassContext) => StageOf<To>,
): Pass {
  return {
    name,
    from,
    to,
    run: (stage, context) => {
      if (isStage(stage, from)) return run(stage, context);
      throw new VerificationError(`Pass ${name} takes ${from}, not ${stage.kind}.`, name);
    },
  };
}
