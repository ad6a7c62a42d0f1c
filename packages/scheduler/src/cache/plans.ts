/** Plans kept by what was asked for. It refuses to plan. */

import { AdjointError, type Graph, graphToJson } from "@adjoint/core";
import { release } from "@adjoint/core/kernel";
import type { Target } from "../backend/backend.js";
import type { MicroBatches } from "../micro-batches/index.js";
import type { PartedPlan } from "../micro-batches/plan.js";
import { planFromJson, planToJson } from "../plan/json.js";
import type { ContentCache } from "./cache.js";

/** All that a plan depends on, beside the release. */
export interface PlanRequest {
  readonly graph: Graph;
  readonly target: Target;
  readonly memoryBudget: number | string | undefined;
  readonly planningTime: number | undefined;
  readonly microBatches: MicroBatches;
}

/** The plan that was kept for a request, replayed; where there is none, what `make` makes, which is kept. */
export async function keptPlan(
  cache: ContentCache | undefined,
  request: PlanRequest,
  make: () => Promise<PartedPlan>,
): Promise<PartedPlan> {
  return cache === undefined ? make() : cache.remember("plan", contentOf(request), { encode, decode }, make);
}

function contentOf({ graph, target, ...options }: PlanRequest): string {
  const { name, dtypes, alignment, limits } = target;
  return JSON.stringify([release, graphToJson(graph), { name, dtypes, alignment, limits }, options]);
}

/** The number of micro-batches in a line of its own, then the plan. */
function encode({ plan, microBatches }: PartedPlan): Uint8Array {
  return new TextEncoder().encode(`${microBatches}\n${planToJson(plan)}`);
}

/** Undefined for what this code cannot read, whatever wrote it. */
function decode(bytes: Uint8Array): PartedPlan | undefined {
  const text = new TextDecoder().decode(bytes);
  const end = text.indexOf("\n");
  try {
    return { microBatches: Number(text.slice(0, end)), plan: planFromJson(text.slice(end + 1)) };
  } catch (error) {
    if (error instanceof AdjointError) return undefined;
    throw error;
  }
}
