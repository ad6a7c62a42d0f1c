/**
 * Any kernel as a shader. A workgroup is `points` × `lanes` threads: each point of the kernel's parallel axes belongs to as
 * many lanes, which share the points of a stage and combine what they accumulated in a tree. With one lane a thread does
 * all of a point by itself. Sequential axes are loops around the stages. Sums are made of blocks, so that their error grows
 * with the logarithm of their length rather than with it.
 */

import { type Accumulator, identityOf, type Kernel, type Stage } from "@adjoint/core/kernel";
import { Names, Scope } from "../wgsl/scope.js";
import { literal, valueType } from "../wgsl/types.js";
import { combineText, type Site, Values } from "./evaluate.js";
import { Gathering } from "./gather.js";
import type { Memory } from "./memory.js";
import { assemble, gridOf, type Shader } from "./shader.js";
import { type Share, shareOf, variesIn } from "./share.js";
import { unflatten } from "./unflatten.js";

/** One of several parts of a stage: the part's number is the coordinate of a kernel axis. */
export interface Part {
  readonly stage: number;
  readonly axis: number;
  readonly parts: number;
}

export interface NestShape {
  /** Points of one workgroup. */
  readonly points: number;
  /** Threads per point, a power of two. */
  readonly lanes: number;
  /** Which of the two neighboring threads differ in. */
  readonly fastest: "points" | "lanes";
  readonly part?: Part;
}

/** Elements that are summed one by one; blocks of them are summed in turn. */
const block = 64;

export function emitNest(kernel: Kernel, memory: Memory, shape: NestShape): Shader {
  return new NestWriter(kernel, memory, shape).write();
}

/** The axes that become loops inside a thread: from the first sequential one on, where order matters. */
export function loopedAxes({ axes }: Kernel): ReadonlySet<number> {
  const first = axes.findIndex(({ order, extent }) => order === "sequential" && extent > 1);
  return new Set(first < 0 ? [] : axes.map((_, axis) => axis).slice(first));
}

class NestWriter {
  readonly #kernel: Kernel;
  readonly #memory: Memory;
  readonly #shape: NestShape;
  readonly #names = new Names();
  readonly #site: Site;
  readonly #shares: readonly Share[];
  readonly #gathering: Gathering;

  constructor(kernel: Kernel, memory: Memory, shape: NestShape) {
    this.#kernel = kernel;
    this.#memory = memory;
    this.#shape = shape;
    this.#gathering = new Gathering(shape);
    this.#site = { memory, axis: (axis) => `i${axis}`, accumulator: (stage, index) => `a${stage}_${index}` };
    this.#shares = kernel.stages.map((stage, index) =>
      shareOf(kernel, stage, memory, { lanes: shape.lanes, parted: shape.part?.stage === index }),
    );
  }

  write(): Shader {
    const { axes } = this.#kernel;
    const { points, lanes, fastest } = this.#shape;
    const looped = loopedAxes(this.#kernel);
    const spread = axes.map(({ extent }, axis) => ({ axis, extent })).filter(({ axis }) => !looped.has(axis));
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
    unflatten(top, lanes === 1 || exact ? "point" : `min(point, ${count - 1}i)`, spread);
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
    for (const [k, { combine, value }] of stage.accumulators.entries()) {
      const identity = literal(identityOf(combine, value.dtype), value.dtype);
      scope.line(`var a${index}_${k}: ${valueType(value.dtype)} = ${identity};`);
    }
    // What all points of the stage share is evaluated before them, in a block of its own where only one lane enters.
    const around = share === "first" ? scope.inner() : scope;
    this.#points(around, stage, index, share);
    if (share === "first") scope.nest("if (lane == 0i)", around);
    if (this.#shape.lanes > 1 && (share === "combined" || share === "first")) {
      for (const [k, accumulator] of stage.accumulators.entries())
        this.#gathering.add(scope, accumulator, `a${index}_${k}`, share === "combined");
    }
    const last = index === this.#kernel.stages.length - 1 && loopedAxes(this.#kernel).size === 0;
    if (this.#shape.lanes > 1 && stage.stores.length > 0 && !last) {
      scope.line("storageBarrier();");
      scope.line("workgroupBarrier();");
    }
  }

  /** The loops of a stage with its body. */
  #points(around: Scope, stage: Stage, index: number, share: Share): void {
    const outer = this.#kernel.axes.length;
    const axes = stage.axes.map((extent, k) => ({ axis: outer + k, extent }));
    const total = stage.axes.reduce((product, extent) => product * extent, 1);
    const outside = new Values(this.#site, around);
    const part = this.#shape.part?.stage === index ? this.#shape.part : undefined;
    const body = (scope: Scope, prefix: string): void =>
      this.#body(scope, outside, stage, index, share, prefix);
    if (axes.length === 0) {
      body(around, "a");
      return;
    }
    const blocked = stage.stores.length === 0 && stage.accumulators.some(isInexact);
    if (share === "alone" || share === "first" || share === "owned") {
      if (part === undefined || share === "owned") {
        this.#nested(around, axes, stage, index, blocked ? "a" : undefined, body);
        return;
      }
    }
    const lanes = share === "combined" || share === "apart" ? this.#shape.lanes : 1;
    const chunk = part === undefined ? total : Math.ceil(total / part.parts);
    const start = part === undefined ? "0i" : around.bind(`i${part.axis} * ${chunk}i`);
    const end = part === undefined ? `${total}i` : around.bind(`min(${start} + ${chunk}i, ${total}i)`);
    const first = lanes === 1 ? start : `${start} + lane`;
    const flat = (scope: Scope, prefix: string, from: string, to: string): void => {
      const inner = scope.inner();
      unflatten(inner, "t", axes);
      body(inner, prefix);
      scope.nest(`for (var t = ${from}; t < ${to}; t += ${lanes}i)`, inner);
    };
    if (!blocked || chunk <= lanes * block * 2) {
      flat(around, "a", first, end);
      return;
    }
    const step = lanes * block;
    const outerLoop = around.inner();
    this.#partial(outerLoop, stage, index, "b", (scope) =>
      flat(scope, "b", "s", `min(s + ${step - (lanes > 1 ? lanes - 1 : 0)}i, ${end})`),
    );
    around.nest(`for (var s = ${first}; s < ${end}; s += ${step}i)`, outerLoop);
  }

  /** One thread's loops over all points; the innermost sums by itself and in blocks where sums are inexact. */
  #nested(
    scope: Scope,
    axes: readonly { readonly axis: number; readonly extent: number }[],
    stage: Stage,
    index: number,
    prefix: string | undefined,
    body: (scope: Scope, prefix: string) => void,
  ): void {
    const [first, ...rest] = axes;
    if (first === undefined) {
      body(scope, prefix ?? "a");
      return;
    }
    const name = `i${first.axis}`;
    const inner = scope.inner();
    const total = axes.reduce((product, { extent }) => product * extent, 1);
    const own = prefix === "a" && total > block && rest.length === 0 && first.extent > block;
    if (own) {
      this.#partial(inner, stage, index, "b", (within) => {
        const loop = within.inner();
        body(loop, "b");
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
    if (innermostSum)
      this.#partial(inner, stage, index, "b", (within) =>
        this.#nested(within, rest, stage, index, "b", body),
      );
    else this.#nested(inner, rest, stage, index, prefix, body);
    scope.nest(loopHead(name, `${first.extent}i`), inner);
  }

  /** Accumulates into fresh variables, then into the stage's. */
  #partial(scope: Scope, stage: Stage, index: number, prefix: string, within: (scope: Scope) => void): void {
    for (const [k, { combine, value }] of stage.accumulators.entries()) {
      const identity = literal(identityOf(combine, value.dtype), value.dtype);
      scope.line(`var ${prefix}${index}_${k}: ${valueType(value.dtype)} = ${identity};`);
    }
    within(scope);
    for (const [k, { combine, value }] of stage.accumulators.entries()) {
      const total = `a${index}_${k}`;
      scope.line(`${total} = ${combineText(combine, value.dtype, total, `${prefix}${index}_${k}`, scope)};`);
    }
  }

  /** What happens at one point of a stage: accumulate, then store. */
  #body(scope: Scope, outside: Values, stage: Stage, index: number, share: Share, prefix: string): void {
    const varies = variesIn(this.#kernel, stage, index, this.#memory);
    const values = new Values(this.#site, scope, outside, (scalar) => !varies(scalar));
    const updates = stage.accumulators.map(({ value }) => values.of(value));
    for (const [k, { combine, value }] of stage.accumulators.entries()) {
      const name = `${prefix}${index}_${k}`;
      scope.line(`${name} = ${combineText(combine, value.dtype, name, updates[k] ?? "", scope)};`);
    }
    const many = this.#shape.lanes > 1;
    const guards = [
      many ? "inside" : undefined,
      many && stage.axes.length === 0 ? "lane == 0i" : undefined,
      share === "owned" ? this.#owns(values, stage) : undefined,
    ].filter((text) => text !== undefined);
    values.store(stage.stores, guards.length === 0 ? undefined : guards.join(" && "));
  }

  /** Whether this lane owns what a computed index addresses: one of all lanes does, so that collisions keep their order. */
  #owns(values: Values, stage: Stage): string {
    const [target] = stage.stores.flatMap(({ indirect }) => indirect);
    const { lanes, part } = this.#shape;
    const owners = lanes * (part?.parts ?? 1);
    const self = part === undefined ? "u32(lane)" : `u32(i${part.axis} * ${lanes}i + lane)`;
    return target === undefined ? "lane == 0i" : `u32(${values.of(target.index)}) % ${owners}u == ${self}`;
  }
}

function isInexact({ combine, value }: Accumulator): boolean {
  return combine === "add" && value.dtype.startsWith("float");
}

function loopHead(name: string, end: string): string {
  return `for (var ${name} = 0i; ${name} < ${end}; ${name}++)`;
}
