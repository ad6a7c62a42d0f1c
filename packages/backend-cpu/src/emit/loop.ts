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
      onPart(frame, axis, part, inside, (...loop) => blockedLoop(...loop, iterations, around));
    } else around(() => onPart(frame, axis, part, inside, simpleLoop));
  }
}

function partsOfAxis(frame: Frame, axis: number): Part[] {
  return partsOf(frame.nest.extents[axis] ?? 1, frame.tiling.factors.get(axis) ?? 1);
}

/** Emits the loop over a part; `step` advances everything and leaves the new counter on the stack. */
type EmitLoop = (frame: Frame, counter: number, part: Part, inside: () => void, step: () => void) => void;

function onPart(frame: Frame, axis: number, part: Part, inside: () => void, emit: EmitLoop): void {
  const { body, ramps } = frame;
  const state = frame.axis(axis);
  state.factor = part.factor;
  state.base = part.base;
  const entries = ramps.enter(axis, part);
  if (part.count > 1) {
    const counter = body.local("i32");
    state.counter = counter;
    body.i32(0);
    body.set(counter);
    emit(frame, counter, part, inside, () => {
      ramps.advance(entries, axis, part);
      body.get(counter);
      body.i32(part.factor);
      body.op("i32.add");
      body.tee(counter);
    });
    state.counter = undefined;
    body.release(counter);
  } else inside();
  ramps.leave(entries, part);
  state.factor = 1;
  state.base = 0;
}

const simpleLoop: EmitLoop = ({ body }, _counter, part, inside, step) => {
  body.loop(() => {
    inside();
    step();
    body.i32(part.count * part.factor);
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
