/**
 * Where each node is evaluated: right inside the outermost loop whose axes it needs. Loads from buffers that the kernel
 * itself writes stay inside the stage that reads them, and innermost where the same stage writes.
 * No loop runs zero times, so that evaluating early never reads what would not have been read.
 */

import type { Nest, NestStage } from "./nest/nest.js";
import { has, inputsOfNode, inputsOfPlace, type Node, postorderOfNodes } from "./nest/node.js";
import { laneAxes, type StageTiling, type Tiling } from "./tiling/tiling.js";

export interface StageSchedule {
  readonly stage: NestStage;
  readonly tiling: StageTiling;
  /** Evaluated once per kernel point, before the stage's loops; kept for later stages. */
  readonly shared: readonly Node[];
  /** For each loop, and before the first one, what is evaluated on entering its body. */
  readonly levels: readonly (readonly Node[])[];
  /** What is evaluated at every point: for each accumulator, and then for all stores. */
  readonly accumulators: readonly (readonly Node[])[];
  readonly stores: readonly Node[];
  /** For each node evaluated at every point, those that it is the last to use. */
  readonly expiring: ReadonlyMap<Node, readonly Node[]>;
}

export interface Schedule {
  /** Evaluated before all loops, then on entering each kernel loop but the innermost. */
  readonly levels: readonly (readonly Node[])[];
  readonly stages: readonly StageSchedule[];
}

export function scheduleNest(nest: Nest, tiling: Tiling): Schedule {
  const depth = new Map(tiling.order.map((axis, position) => [axis, position + 1]));
  const inner = tiling.order.length;
  const laneSet = laneAxes(tiling);
  const evaluated = (node: Node): boolean =>
    node.kind !== "accumulator" &&
    !((node.kind === "within" || node.kind === "inside") && (node.axes & laneSet) !== 0n);

  const levels: Set<Node>[] = Array.from({ length: inner + 1 }, () => new Set());
  const stages = nest.stages.map((stage, position): StageSchedule => {
    const own = tiling.stages[position] ?? { order: stage.axes, lanes: undefined, accumulation: "wide" };
    const late = tiling.heavy !== undefined && position > tiling.heavy;
    const innermost = inner + own.order.length;
    const levelOf = (node: Node): number => {
      if (has(node.accumulators, stage.position) || (node.written & stage.stored) !== 0n) return innermost;
      let level = 0;
      for (const [axis, at] of depth) if (has(node.axes, axis)) level = Math.max(level, at);
      for (const [at, axis] of own.order.entries()) if (has(node.axes, axis)) level = inner + at + 1;
      const pinned = (node.accumulators | node.written) !== 0n || (late && level > 0);
      return pinned ? Math.max(level, inner) : level;
    };
    const shared: Node[] = [];
    const stageLevels: Node[][] = own.order.map(() => []);
    stageLevels.push([]);
    const nodes = stage.nodes.filter(evaluated);
    const innermostNodes = new Set<Node>();
    for (const node of nodes) {
      const level = levelOf(node);
      if (node.kind === "constant") levels[0]?.add(node);
      else if (level === innermost && level >= inner) innermostNodes.add(node);
      else if (level < inner) levels[level]?.add(node);
      else if (level > inner || (node.accumulators | node.written) !== 0n)
        stageLevels[level - inner]?.push(node);
      else shared.push(node);
    }
    // In order of evaluation: what an accumulator has needed is there for those after it and for the stores.
    const listed = new Set<Node>();
    const cone = (roots: readonly Node[]): Node[] => {
      const nodes = postorderOfNodes(roots).filter((node) => innermostNodes.has(node) && !listed.has(node));
      for (const node of nodes) listed.add(node);
      return nodes;
    };
    const accumulators = stage.accumulators.map(({ value }) => cone([value]));
    const stores = cone(stage.stores.flatMap((store) => [...inputsOfPlace(store), store.value]));
    return {
      stage,
      tiling: own,
      shared,
      levels: stageLevels,
      accumulators,
      stores,
      expiring: lastUses([...accumulators.flat(), ...stores], new Set(stage.roots)),
    };
  });
  return { levels: levels.map((nodes) => [...nodes]), stages };
}

/** For each node of a list in order of evaluation, those before it that are used no more; roots are kept. */
function lastUses(order: readonly Node[], roots: ReadonlySet<Node>): Map<Node, Node[]> {
  const expiring = new Map<Node, Node[]>();
  const kept = new Set<Node>();
  for (const node of roots) for (const input of [node, ...guardedInputs(node)]) kept.add(input);
  const evaluated = new Set(order);
  for (const node of [...evaluated].reverse()) {
    const last: Node[] = [];
    for (const input of inputsOfNode(node).flatMap((input) => [input, ...guardedInputs(input)])) {
      if (!evaluated.has(input) || kept.has(input)) continue;
      kept.add(input);
      last.push(input);
    }
    expiring.set(node, last);
  }
  return expiring;
}

/** Lanes' guards are evaluated by the access itself, from their index. */
function guardedInputs(node: Node): readonly Node[] {
  return node.kind === "inside" ? [node.index] : [];
}
