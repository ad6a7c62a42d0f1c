/** Loops over the axes of a nest: full tiles, then the rest; optionally interrupted after a number of iterations. */

import type { Frame } from "./frame.js";
import { type Part, partsOf } from "./part.js";

/** The loops over an axis, each part with `inside` as its body. */
export function overAxis(frame: Frame, axis: number, inside: () => void): void {
  for (const part of partsOfAxis(frame, axis)) onPart(frame, axis, part, inside, simpleLoop);
}

/**
 * The loops over an axis, interrupted after every so many iterations: `around` is given the code of such a block and
 * puts it between what begins and what ends a block.
 */
export function overAxisInBlocks(
  frame: Frame,
  axis: number,
  iterations: number,
  inside: () => void,
  around: (block: () => void) => void,
): void {
  for (const part of partsOfAxis(frame, axis)) {
    if (part.count > iterations) {
      onPart(frame, axis, part, inside, (_frame, counter, _part, _inside, step) =>
        blockedLoop(frame, counter, part, inside, step, iterations, around),
      );
    } else around(() => onPart(frame, axis, part, inside, simpleLoop));
  }
}

/** How the threads divide a loop; see `Emission.pushShare`. */
export interface Sharing {
  readonly threads: number;
  readonly push: (total: number, edge: 0 | 1, of: { readonly before: number; readonly part: Part }) => void;
}

/** The loops over an axis, of which each thread does its share. */
export function overSharedAxis(frame: Frame, axis: number, { push }: Sharing, inside: () => void): void {
  const { body } = frame;
  const parts = partsOfAxis(frame, axis);
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  let before = 0;
  for (const part of parts) {
    const edges = [0, 1].map((edge) => {
      const local = body.local("i32");
      push(total, edge === 0 ? 0 : 1, { before, part });
      body.set(local);
      return local;
    });
    const [start = 0, end = 0] = edges;
    body.get(start);
    body.get(end);
    body.op("i32.lt_u");
    body.branch(undefined, () => onPart(frame, axis, part, inside, simpleLoop, { start, end }));
    for (const local of edges) body.release(local);
    before += part.count;
  }
}

/** Code at a position on an axis that a local holds. */
export function atPosition(frame: Frame, axis: number, position: number, inside: () => void): void {
  const state = frame.axis(axis);
  state.counter = position;
  const entries = frame.ramps.place(axis, position);
  inside();
  frame.ramps.leave(entries, true);
  state.counter = undefined;
}

function partsOfAxis(frame: Frame, axis: number): Part[] {
  return partsOf(frame.nest.extents[axis] ?? 1, frame.tiling.factors.get(axis) ?? 1);
}

/** Where a loop begins and ends, in locals: positions from the start of its part. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** Emits the loop over a part; `step` advances everything and leaves the new counter on the stack. */
type EmitLoop = (
  frame: Frame,
  counter: number,
  part: Part,
  inside: () => void,
  step: () => void,
  range?: Range,
) => void;

function onPart(
  frame: Frame,
  axis: number,
  part: Part,
  inside: () => void,
  emit: EmitLoop,
  range?: Range,
): void {
  const { body, ramps } = frame;
  const state = frame.axis(axis);
  state.factor = part.factor;
  state.base = part.base;
  const entries = ramps.enter(axis, part);
  if (part.count > 1) {
    const counter = body.local("i32");
    state.counter = counter;
    if (range === undefined) body.i32(0);
    else body.get(range.start);
    body.set(counter);
    if (range !== undefined) ramps.skip(entries, axis, counter);
    const step = (): void => {
      ramps.advance(entries, axis, part);
      body.get(counter);
      body.i32(part.factor);
      body.op("i32.add");
      body.tee(counter);
    };
    emit(frame, counter, part, inside, step, range);
    state.counter = undefined;
    body.release(counter);
  } else inside();
  ramps.leave(entries, part.count > 1);
  state.factor = 1;
  state.base = 0;
}

const simpleLoop: EmitLoop = ({ body }, _counter, part, inside, step, range) => {
  body.loop(() => {
    inside();
    step();
    if (range === undefined) body.i32(part.count * part.factor);
    else body.get(range.end);
    body.op("i32.lt_u");
  });
};

function blockedLoop(
  { body }: Frame,
  counter: number,
  part: Part,
  inside: () => void,
  step: () => void,
  iterations: number,
  around: (block: () => void) => void,
): void {
  const end = part.count * part.factor;
  const limit = body.local("i32");
  body.loop(() => {
    body.i32(end);
    body.get(counter);
    body.i32(iterations * part.factor);
    body.op("i32.add");
    body.tee(limit);
    body.i32(end);
    body.get(limit);
    body.op("i32.lt_u");
    body.op("select");
    body.set(limit);
    around(() =>
      body.loop(() => {
        inside();
        step();
        body.get(limit);
        body.op("i32.lt_u");
      }),
    );
    body.get(counter);
    body.i32(end);
    body.op("i32.lt_u");
  });
  body.release(limit);
}
