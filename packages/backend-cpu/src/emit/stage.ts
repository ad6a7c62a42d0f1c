/** Emits one stage at a point of the kernel: what its loops share, its loops, its points, its final values. */

import { Accumulators } from "./accumulate.js";
import type { Addresses } from "./address.js";
import { evaluate, evaluateAll } from "./evaluate.js";
import type { Frame } from "./frame.js";
import { overAxis, overAxisInBlocks } from "./loop.js";
import { bit, has, type Node } from "./nest/node.js";
import type { StageSchedule } from "./schedule.js";
import { emitStore } from "./store.js";
import { blockPoints } from "./tiling/tiling.js";

/** Final values of accumulators stay in the scope in which this is called. */
export function emitStage(frame: Frame, addresses: Addresses, schedule: StageSchedule): void {
  frame.lanes = frame.tiling.lanes ?? schedule.tiling.lanes;
  evaluateAll(frame, addresses, schedule.shared);
  const accumulators = new Accumulators(frame, schedule);
  frame.scopes.within(() => {
    evaluateAll(frame, addresses, schedule.levels[0] ?? []);
    accumulators.begin();
    emitLoops(frame, addresses, schedule, accumulators);
  });
  accumulators.finish();
  accumulators.release();
  frame.lanes = frame.tiling.lanes;
}

function emitLoops(
  frame: Frame,
  addresses: Addresses,
  schedule: StageSchedule,
  accumulators: Accumulators,
): void {
  const { order } = schedule.tiling;
  const block = blockOf(frame, schedule);
  const from = (depth: number): void => {
    const axis = order[depth];
    if (axis === undefined) {
      frame.scopes.within(() => emitPoints(frame, addresses, schedule, accumulators));
      return;
    }
    const inside = (): void => {
      frame.scopes.within(() => {
        evaluateAll(frame, addresses, schedule.levels[depth + 1] ?? []);
        from(depth + 1);
      });
    };
    if (depth === block?.depth) {
      overAxisInBlocks(frame, axis, block.iterations, inside, (loop) => accumulators.inBlock(loop));
    } else overAxis(frame, axis, inside);
  };
  if (block !== undefined) accumulators.beginBlocks();
  from(0);
}

/** Which loop is interrupted, and after how many iterations, to keep sums short; undefined where they are. */
function blockOf(
  frame: Frame,
  { tiling: { order, accumulation } }: StageSchedule,
): { readonly depth: number; readonly iterations: number } | undefined {
  if (accumulation === "wide") return undefined;
  const counts = order.map((axis) =>
    Math.ceil((frame.nest.extents[axis] ?? 1) / (frame.tiling.factors.get(axis) ?? 1)),
  );
  const inside = counts.map((_, depth) =>
    counts.slice(depth + 1).reduce((product, count) => product * count, 1),
  );
  const depth = inside.findIndex((points) => points <= blockPoints / 2);
  const iterations = Math.floor(blockPoints / (inside[depth] ?? 1));
  const total = counts.reduce((product, count) => product * count, 1);
  return depth < 0 || total <= 2 * blockPoints ? undefined : { depth, iterations };
}

/** All points of the current tile: accumulators in order, then stores, after everything they need has been loaded. */
function emitPoints(
  frame: Frame,
  addresses: Addresses,
  schedule: StageSchedule,
  accumulators: Accumulators,
): void {
  const { stage } = schedule;
  const ownAxes = stage.axes.reduce((set, axis) => set | bit(axis), 0n);
  const allAxes = frame.nest.axes.reduce((set, axis) => set | bit(axis), ownAxes);
  const updated = new Set<string>();
  // What does not depend on the fastest axis is needed at one point only: the axis with most positions comes first.
  const positions = (axis: number): number =>
    frame.axis(axis).factor / (axis === frame.lanes ? frame.tiling.width : 1);
  const axes = [...frame.tiled(allAxes)].sort((a, b) => positions(b) - positions(a));
  const readsOwn = stage.stores.some(({ value, indirect }) =>
    [value, ...indirect.map(({ index }) => index)].some((node) => has(node.accumulators, stage.position)),
  );
  const isChained = stage.accumulators.some(({ value }) => has(value.accumulators, stage.position));
  const visit = (node: Node): void => {
    evaluate(frame, addresses, node);
    for (const spent of schedule.expiring.get(node) ?? []) {
      // A value that other points of the tile share stays.
      if (frame.tiled(spent.axes).length === axes.length) frame.scopes.drop(frame.keyOf(spent));
    }
  };
  const update = (before: (index: number) => void): void => {
    for (const [index, { value }] of stage.accumulators.entries()) {
      const key = `${index}:${frame.pointKey(value.axes | ownAxes)}`;
      if (updated.has(key)) continue;
      updated.add(key);
      before(index);
      accumulators.update(index);
      if (readsOwn || isChained) accumulators.expose(index);
    }
  };
  // Pairs of stores run as one only if no load stands between them.
  const plain = stage.stores.length > 0 && stage.stores.every(({ combine }) => combine === undefined);
  const apart = plain && !readsOwn && !isChained;
  if (apart && axes.length > 0) {
    frame.points(axes, () => {
      for (const node of [...schedule.accumulators.flat(), ...schedule.stores]) visit(node);
    });
    frame.points(axes, () => update(() => undefined));
    frame.points(axes, () => {
      for (const store of stage.stores) emitStore(frame, addresses, store);
    });
    return;
  }
  frame.points(axes, () => {
    update((index) => {
      for (const node of schedule.accumulators[index] ?? []) visit(node);
    });
    for (const node of schedule.stores) visit(node);
    for (const store of stage.stores) emitStore(frame, addresses, store);
  });
}
