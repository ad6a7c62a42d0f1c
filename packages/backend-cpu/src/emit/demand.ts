/** In which form each node is needed: as one value, or in the lanes of a vector. It refuses to emit. */

import { dtypes } from "@adjoint/core";
import type { Nest, NestStage } from "./nest/nest.js";
import type { Node, OperationNode, Place } from "./nest/node.js";
import { laneAxes, type Tiling } from "./tiling/tiling.js";

export interface Demand {
  readonly scalar: ReadonlySet<Node>;
  readonly vector: ReadonlySet<Node>;
  /** Whether a node differs between lanes. */
  readonly varies: (axes: bigint) => boolean;
}

export function demandOf(nest: Nest, tiling: Tiling): Demand {
  const lanes = laneAxes(tiling);
  const varies = (axes: bigint): boolean => (axes & lanes) !== 0n;
  const scalar = new Set<Node>();
  const vector = new Set<Node>();
  const want = (node: Node, inLanes: boolean): void => {
    (inLanes || varies(node.axes) ? vector : scalar).add(node);
  };
  const wantPlace = (place: Place): void => {
    for (const guard of place.guards) if (!varies(guard.axes)) want(guard, false);
    for (const { index } of place.indirect) want(index, false);
  };
  const wantInputs = (node: Node): void => {
    if (node.kind === "operation") {
      for (const [position, input] of node.inputs.entries()) {
        want(input, varies(node.axes) && !takesSingle(node, position));
      }
    } else if (node.kind === "load") wantPlace(node);
    else if (node.kind === "inside") want(node.index, false);
  };
  for (const [position, stage] of nest.stages.entries()) {
    const inLanes = tiling.stages[position]?.lanes !== undefined;
    for (const node of stage.nodes) wantInputs(node);
    for (const { value } of stage.accumulators) want(value, inLanes);
    for (const store of stage.stores) {
      wantPlace(store);
      want(store.value, varies(store.axes));
    }
  }
  return { scalar, vector, varies };
}

/** Operands that vector code takes as a single value when they are the same in all lanes. */
export function takesSingle({ op, inputs }: OperationNode, position: number): boolean {
  const integer = inputs[position] !== undefined && dtypes[inputs[position].dtype].kind === "integer";
  return ((op === "shl" || op === "shr") && position === 1) || (integer && (op === "div" || op === "rem"));
}

/** Whether an accumulator is a vector while its stage runs. */
export function accumulatesInLanes(
  stage: NestStage,
  index: number,
  lanes: number | undefined,
  demand: Demand,
): boolean {
  return lanes !== undefined || demand.varies(stage.accumulators[index]?.value.axes ?? 0n);
}
