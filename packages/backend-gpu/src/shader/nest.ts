/**
 * Any kernel as a shader. A workgroup is `points` × `lanes` threads: each point of the kernel's parallel axes belongs to as
 * many lanes, which share the points of a stage and combine what they accumulated in a tree. With one lane a thread does
 * all of a point by itself. Sequential axes are loops around the stages. Sums are made of blocks, so that their error grows
 * with the logarithm of their length rather than with it.
 */

import type { Kernel, Stage } from "@adjoint/core/kernel";
import { Names, Scope } from "../wgsl/scope.js";
import { accumulatorName, Body } from "./body.js";
import type { Site } from "./evaluate.js";
import { Gathering } from "./gather.js";
import type { Memory } from "./memory.js";
import { scanAlone, scanTogether } from "./scan.js";
import { assemble, gridOf, type Shader } from "./shader.js";
import { loopedAxes, type NestShape } from "./shape.js";
import { isFloat, isRunningProduct, type Share, shareOf } from "./share.js";
import { unflatten } from "./unflatten.js";
import { elementName, lastPoints } from "./wide.js";

/** Elements that are summed one by one; blocks of them are summed in turn. */
const block = 64;

/** `subgroup` is the least number of threads of a subgroup, where there are any. */
export function emitNest(
  kernel: Kernel,
  memory: Memory,
  shape: NestShape,
  subgroup: number | undefined,
): Shader {
  return new NestWriter(kernel, memory, shape, subgroup).write();
}

class NestWriter {
  readonly #kernel: Kernel;
  readonly #memory: Memory;
  readonly #shape: NestShape;
  readonly #names = new Names();
  readonly #site: Site;
  readonly #shares: readonly Share[];
  readonly #gathering: Gathering;

  constructor(kernel: Kernel, memory: Memory, shape: NestShape, subgroup: number | undefined) {
    this.#kernel = kernel;
    this.#memory = memory;
    this.#shape = shape;
    this.#gathering = new Gathering(shape, subgroup);
    this.#site = {
      memory,
      axis: (axis) => `i${axis}`,
      accumulator: (stage, index) => accumulatorName("a", stage, index, 0),
    };
    this.#shares = kernel.stages.map((stage, index) =>
      shareOf(kernel, stage, memory, { lanes: shape.lanes, parted: shape.part?.stage === index }),
    );
  }

  write(): Shader {
    const { axes } = this.#kernel;
    const { points, lanes, fastest } = this.#shape;
    const looped = loopedAxes(this.#kernel);
    const { part, wide } = this.#shape;
    const last = wide === "points" ? lastPoints(this.#kernel, part?.axis) : undefined;
    // The part comes first: neighboring threads are neighbors in memory, not in different parts.
    const spread = axes
      .map(({ extent }, axis) => ({ axis, extent: axis === last ? extent / 4 : extent }))
      .filter(({ axis }) => !looped.has(axis))
      .sort((a, b) => Number(b.axis === part?.axis) - Number(a.axis === part?.axis));
    const count = spread.reduce((product, { extent }) => product * extent, 1);
    const { workgroups, index } = gridOf(Math.ceil(count / points));
    const top = new Scope(this.#names);
    const pick = (which: "points" | "lanes", size: number, other: number): string =>
      size === 1 ? "0i" : which === fastest ? `i32(local % ${size}u)` : `i32(local / ${other}u)`;
    top.line(`let lane = ${pick("lanes", lanes, points)};`);
    top.line(`let point = i32(${index}) * ${points}i + ${pick("points", points, lanes)};`);
    const exact = count % points === 0 && workgroups[0] * workgroups[1] * points === count;
    if (lanes === 1 && !exact) top.line(`if (point >= ${count}i) { return; }`);
    if (lanes > 1) top.line(`let inside = ${exact ? "true" : `point < ${count}i`};`);
    unflattenQuads(top, lanes === 1 || exact ? "point" : `min(point, ${count - 1}i)`, spread, last);
    this.#loops(
      top,
      [...looped].map((axis) => ({ axis, extent: axes[axis]?.extent ?? 1 })),
    );
    return {
      code: assemble(this.#memory, this.#gathering.declarations(), [points * lanes], top.lines),
      workgroups,
    };
  }

  #loops(scope: Scope, [first, ...rest]: readonly { axis: number; extent: number }[]): void {
    if (first === undefined) {
      for (const [index, stage] of this.#kernel.stages.entries()) this.#stage(scope, stage, index);
      return;
    }
    const inner = scope.inner();
    this.#loops(inner, rest);
    scope.nest(loopHead(`i${first.axis}`, `${first.extent}i`), inner);
  }

  #stage(scope: Scope, stage: Stage, index: number): void {
    const share = this.#shares[index] ?? "alone";
    // What all points of the stage share is evaluated before them, in a block of its own where only one lane enters.
    const around = share === "first" ? scope.inner() : scope;
    const body = new Body(this.#kernel, this.#site, this.#shape, index, stage, share, around);
    body.declare(scope, "a");
    this.#points(around, stage, index, share, body);
    if (share === "first") scope.nest("if (lane == 0i)", around);
    for (const { name, accumulator } of this.#shape.lanes > 1 ? body.accumulators("a") : []) {
      if (share === "combined") this.#gathering.combine(scope, accumulator, name);
      if (share === "first") this.#gathering.spread(scope, accumulator, name);
    }
    const last = index === this.#kernel.stages.length - 1 && loopedAxes(this.#kernel).size === 0;
    if (this.#shape.lanes > 1 && stage.stores.length > 0 && !last) {
      scope.line("storageBarrier();");
      scope.line("workgroupBarrier();");
    }
  }

  /** The loops of a stage with its body. */
  #points(around: Scope, stage: Stage, index: number, share: Share, body: Body): void {
    const outer = this.#kernel.axes.length;
    const axes = stage.axes.map((extent, k) => ({ axis: outer + k, extent }));
    const part = this.#shape.part?.stage === index ? this.#shape.part : undefined;
    if (axes.length === 0) {
      body.write(around, "a");
      return;
    }
    const isSum = stage.accumulators.some(isFloat("add"));
    const isRunningSum = isSum && stage.stores.length > 0 && !isRunningProduct(stage);
    if (share === "scanned" || (share === "alone" && isRunningSum)) {
      const total = axes.reduce((product, { extent }) => product * extent, 1);
      const chunk = Math.ceil(total / (part?.parts ?? 1));
      const start = part === undefined ? "0i" : around.bind(`i${part.axis} * ${chunk}i`);
      const run = { axes, total, start, chunk };
      if (share === "alone") scanAlone(around, body, run);
      else scanTogether(around, body, this.#gathering, this.#shape.lanes, run);
      return;
    }
    const blocked = stage.stores.length === 0 && isSum;
    if (share === "alone" || share === "first" || share === "owned") {
      if (part === undefined || share === "owned") {
        this.#nested(around, axes, blocked ? "a" : undefined, body);
        return;
      }
    }
    // In quads of the last axis, where the body takes those.
    const spans = axes.map(({ axis, extent }) => ({
      axis,
      extent: axis === body.axis ? extent / 4 : extent,
    }));
    const total = spans.reduce((product, { extent }) => product * extent, 1);
    const lanes = share === "combined" || share === "apart" ? this.#shape.lanes : 1;
    const chunk = part === undefined ? total : Math.ceil(total / part.parts);
    const start = part === undefined ? "0i" : around.bind(`i${part.axis} * ${chunk}i`);
    const end = part === undefined ? `${total}i` : around.bind(`min(${start} + ${chunk}i, ${total}i)`);
    const first = lanes === 1 ? start : `${start} + lane`;
    const flat = (scope: Scope, prefix: string, from: string, to: string): void => {
      const inner = scope.inner();
      unflattenQuads(inner, "t", spans, body.axis);
      body.write(inner, prefix);
      scope.nest(`for (var t = ${from}; t < ${to}; t += ${lanes}i)`, inner);
    };
    if (!blocked || chunk <= lanes * block * 2) {
      flat(around, "a", first, end);
      return;
    }
    const step = lanes * block;
    const outerLoop = around.inner();
    partial(outerLoop, body, (scope) =>
      flat(scope, "b", "s", `min(s + ${step - (lanes > 1 ? lanes - 1 : 0)}i, ${end})`),
    );
    around.nest(`for (var s = ${first}; s < ${end}; s += ${step}i)`, outerLoop);
  }

  /** One thread's loops over all points; the innermost sums by itself and in blocks where sums are inexact. */
  #nested(
    scope: Scope,
    axes: readonly { readonly axis: number; readonly extent: number }[],
    prefix: string | undefined,
    body: Body,
  ): void {
    const [first, ...rest] = axes;
    if (first === undefined) {
      body.write(scope, prefix ?? "a");
      return;
    }
    const name = `i${first.axis}`;
    const inner = scope.inner();
    const total = axes.reduce((product, { extent }) => product * extent, 1);
    const own = prefix === "a" && total > block && rest.length === 0 && first.extent > block;
    if (own) {
      partial(inner, body, (within) => {
        const loop = within.inner();
        body.write(loop, "b");
        within.nest(`for (var ${name} = s; ${name} < min(s + ${block}i, ${first.extent}i); ${name}++)`, loop);
      });
      scope.nest(`for (var s = 0i; s < ${first.extent}i; s += ${block}i)`, inner);
      return;
    }
    const innermostSum =
      prefix === "a" &&
      total > block &&
      rest.length > 0 &&
      rest.reduce((n, { extent }) => n * extent, 1) <= block;
    if (innermostSum) partial(inner, body, (within) => this.#nested(within, rest, "b", body));
    else this.#nested(inner, rest, prefix, body);
    scope.nest(loopHead(name, `${first.extent}i`), inner);
  }
}

/** Accumulates into fresh variables, then into the stage's. */
function partial(scope: Scope, body: Body, within: (scope: Scope) => void): void {
  body.declare(scope, "b");
  within(scope);
  body.join(scope, "a", "a", "b");
}

/** As `unflatten`; positions count quads of one axis, whose four neighbors are named. */
function unflattenQuads(
  scope: Scope,
  position: string,
  axes: readonly { readonly axis: number; readonly extent: number }[],
  wide: number | undefined,
): void {
  unflatten(scope, position, axes, (axis) => (axis === wide ? `quad${axis}` : `i${axis}`));
  if (axes.every(({ axis }) => axis !== wide) || wide === undefined) return;
  scope.line(`let ${elementName(wide, 0)} = quad${wide} * 4i;`);
  for (const e of [1, 2, 3]) scope.line(`let ${elementName(wide, e)} = ${elementName(wide, 0)} + ${e}i;`);
}

function loopHead(name: string, end: string): string {
  return `for (var ${name} = 0i; ${name} < ${end}; ${name}++)`;
}
