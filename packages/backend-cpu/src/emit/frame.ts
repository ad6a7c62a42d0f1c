/**
 * What the emission of one kernel carries along: the code so far, which locals hold which nodes, where each axis stands.
 * It refuses to know operations and memory.
 */

import { type DType, VerificationError } from "@adjoint/core";
import type { Features } from "../engine/features.js";
import type { FunctionBody } from "../wasm/function.js";
import { machineOf, type Routines } from "./code/primitive.js";
import type { Vector } from "./code/register.js";
import { registerCount } from "./code/register.js";
import type { Demand } from "./demand.js";
import type { Nest } from "./nest/nest.js";
import { has, type Node } from "./nest/node.js";
import { Ramps } from "./ramp.js";
import { Scopes, type Value } from "./scope.js";
import type { Tiling } from "./tiling/tiling.js";

/** Where an axis stands: position = counter + base + point, over the tile's factor. */
export interface AxisState {
  counter: number | undefined;
  base: number;
  /** Positions in the current tile. */
  factor: number;
  /** Position within the tile that code is emitted for; of lanes, the first of the group. */
  point: number;
}

export class Frame {
  readonly body: FunctionBody;
  readonly nest: Nest;
  readonly tiling: Tiling;
  readonly demand: Demand;
  readonly features: Features;
  readonly routine: Routines;
  readonly scopes: Scopes;
  readonly ramps: Ramps;
  readonly axes: readonly AxisState[];
  /** The axis whose positions are lanes in the code being emitted. */
  lanes: number | undefined;
  readonly #tiled = new Map<bigint, readonly number[]>();

  constructor(
    body: FunctionBody,
    nest: Nest,
    tiling: Tiling,
    demand: Demand,
    { features, routine }: { readonly features: Features; readonly routine: Routines },
  ) {
    this.body = body;
    this.nest = nest;
    this.tiling = tiling;
    this.demand = demand;
    this.features = features;
    this.routine = routine;
    this.scopes = new Scopes(body);
    this.ramps = new Ramps(body);
    this.axes = nest.extents.map(() => ({ counter: undefined, base: 0, factor: 1, point: 0 }));
    this.lanes = tiling.lanes;
  }

  axis(axis: number): AxisState {
    const state = this.axes[axis];
    if (state === undefined)
      throw new VerificationError("A kernel uses an axis that it does not have.", `axis ${axis}`);
    return state;
  }

  /** Lanes in use in the group at the current point. */
  get laneCount(): number {
    if (this.lanes === undefined) return 1;
    const { factor, point } = this.axis(this.lanes);
    return Math.min(this.tiling.width, factor - point);
  }

  /** The axes of a set that are done several positions at a time. */
  tiled(axes: bigint): readonly number[] {
    const known = this.#tiled.get(axes);
    if (known !== undefined) return known;
    const tiled = [...this.tiling.factors.keys()].filter((axis) => has(axes, axis));
    this.#tiled.set(axes, tiled);
    return tiled;
  }

  /** Visits every point of the current tile on some axes, the last axis fastest; lanes by groups. */
  points(axes: readonly number[], visit: () => void): void {
    const [axis, ...rest] = axes;
    if (axis === undefined) {
      visit();
      return;
    }
    const state = this.axis(axis);
    const step = axis === this.lanes ? this.tiling.width : 1;
    for (let point = 0; point < state.factor; point += step) {
      state.point = point;
      this.points(rest, visit);
    }
    state.point = 0;
  }

  /** Names the current point as far as it lies on some axes. */
  pointKey(axes: bigint): string {
    return this.tiled(axes)
      .map((axis) => this.axis(axis).point)
      .join();
  }

  keyOf(node: Node): string {
    return `${node.id}:${this.pointKey(node.axes)}`;
  }

  bind(node: Node, value: Value): void {
    this.scopes.bind(this.keyOf(node), value);
  }

  isBound(node: Node): boolean {
    return this.scopes.find(this.keyOf(node)) !== undefined;
  }

  /** Leaves a node's single value on the stack. */
  pushScalar(node: Node): void {
    if (node.kind === "constant") {
      this.body[machineOf(node.dtype).type](node.value);
      return;
    }
    const local = this.scopes.find(this.keyOf(node))?.scalar;
    if (local === undefined) throw missing(node, "value");
    this.body.get(local);
  }

  vector(node: Node): Vector {
    const vector = this.scopes.find(this.keyOf(node))?.vector;
    if (vector === undefined) throw missing(node, "vector");
    return vector;
  }

  /** A vector of a pushed value in all lanes of a full group. */
  splat(dtype: DType, push: () => void): Vector {
    const { body } = this;
    const { bytes, splat } = machineOf(dtype);
    const register = body.local("v128");
    if (dtype === "bool") body.i32(0);
    push();
    if (dtype === "bool") body.op("i32.sub");
    body.op(splat);
    body.set(register);
    return { registers: repeat(register, registerCount(this.tiling.width, bytes)), bytes };
  }

  /** Leaves the position on an axis, plus `extra`, on the stack. */
  pushPosition(axis: number, extra = 0): void {
    const { counter, base, point } = this.axis(axis);
    const rest = base + point + extra;
    if (counter === undefined) {
      this.body.i32(rest);
      return;
    }
    this.body.get(counter);
    if (rest === 0) return;
    this.body.i32(rest);
    this.body.op("i32.add");
  }
}

function repeat(register: number, count: number): number[] {
  return new Array<number>(count).fill(register);
}

function missing(node: Node, form: string): VerificationError {
  return new VerificationError(`A ${form} of a ${node.kind} is used before it exists.`, `node ${node.id}`);
}
