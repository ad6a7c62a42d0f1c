/**
 * Accumulators of lanes brought together in a tree: inside subgroups where neighbors are lanes of one point and the device has
 * subgroups, else through the shared memory of the workgroup.
 */

import type { DType } from "@adjoint/core";
import { type Accumulator, identityOf } from "@adjoint/core/kernel";
import type { Scope } from "../wgsl/scope.js";
import { literal, valueType } from "../wgsl/types.js";
import { combineText } from "./evaluate.js";
import type { NestShape } from "./shape.js";

/** A value on its way between threads: truth values travel as numbers. */
interface Carried {
  readonly type: string;
  readonly pack: (value: string) => string;
  readonly unpack: (carried: string) => string;
}

function carried(dtype: DType): Carried {
  return dtype === "bool"
    ? { type: "u32", pack: (value) => `select(0u, 1u, ${value})`, unpack: (text) => `(${text} != 0u)` }
    : { type: valueType(dtype), pack: (value) => value, unpack: (text) => text };
}

export class Gathering {
  readonly #shape: NestShape;
  readonly #subgroup: number | undefined;
  readonly #shared = new Map<string, string>();

  /** `subgroup` is the least number of threads of a subgroup, where there are any. */
  constructor(shape: NestShape, subgroup: number | undefined) {
    this.#shape = shape;
    this.#subgroup = subgroup;
  }

  declarations(): readonly string[] {
    return [...this.#shared.values()];
  }

  /** Leaves in every lane the combination of what the lanes of its point hold. */
  combine(scope: Scope, accumulator: Accumulator, name: string): void {
    const { points, fastest } = this.#shape;
    const together = fastest === "lanes" || points === 1;
    if (together && this.#subgroup !== undefined) this.#inSubgroups(scope, accumulator, name, this.#subgroup);
    else this.#inTree(scope, accumulator, name);
  }

  /**
   * Leaves in every lane of a point the combination of what the lanes before it hold, and in `total` that of all. Distances
   * double: Hillis and Steele 1986.
   */
  scan(scope: Scope, { combine, value }: Accumulator, name: string, total: string): void {
    const { lanes } = this.#shape;
    const { type, pack, unpack } = carried(value.dtype);
    const shared = this.#array(type);
    const before = (lane: string): string => unpack(`${shared}[local - u32(${lane}) * ${this.#stride}u]`);
    scope.line(`${shared}[local] = ${pack(name)};`);
    scope.line("workgroupBarrier();");
    const loop = scope.inner();
    const step = loop.inner();
    step.line(`${name} = ${combineText(combine, value.dtype, before("back"), name, step)};`);
    loop.nest("if (lane >= back)", step);
    loop.line("workgroupBarrier();");
    loop.line(`${shared}[local] = ${pack(name)};`);
    loop.line("workgroupBarrier();");
    scope.nest(`for (var back = 1i; back < ${lanes}i; back <<= 1u)`, loop);
    const last = `${this.#first(scope)} + ${(lanes - 1) * this.#stride}u`;
    scope.line(`${total} = ${unpack(`${shared}[${last}]`)};`);
    scope.line(`${name} = ${literal(identityOf(combine, value.dtype), value.dtype)};`);
    scope.line(`if (lane > 0i) { ${name} = ${before("1i")}; }`);
    scope.line("workgroupBarrier();");
  }

  /** Leaves in every lane what the first one of its point holds. */
  spread(scope: Scope, { value }: Accumulator, name: string): void {
    const { type, pack, unpack } = carried(value.dtype);
    const shared = this.#array(type);
    scope.line(`${shared}[local] = ${pack(name)};`);
    scope.line("workgroupBarrier();");
    scope.line(`${name} = ${unpack(`${shared}[${this.#first(scope)}]`)};`);
    scope.line("workgroupBarrier();");
  }

  /** The place of a point's first lane among the threads. */
  #first(scope: Scope): string {
    return scope.bind(`local - u32(lane) * ${this.#stride}u`, "first");
  }

  get #stride(): number {
    return this.#shape.fastest === "lanes" ? 1 : this.#shape.points;
  }

  #inTree(scope: Scope, { combine, value }: Accumulator, name: string): void {
    const { type, pack, unpack } = carried(value.dtype);
    const shared = this.#array(type);
    const at = (place: string): string => unpack(`${shared}[${place}]`);
    scope.line(`${shared}[local] = ${pack(name)};`);
    scope.line("workgroupBarrier();");
    const loop = scope.inner();
    const step = loop.inner();
    const other = at(`local + u32(half) * ${this.#stride}u`);
    const sum = combineText(combine, value.dtype, at("local"), other, step);
    step.line(`${shared}[local] = ${pack(sum)};`);
    loop.nest("if (lane < half)", step);
    loop.line("workgroupBarrier();");
    scope.nest(`for (var half = ${this.#shape.lanes / 2}i; half > 0i; half >>= 1u)`, loop);
    scope.line(`${name} = ${at(this.#first(scope))};`);
    scope.line("workgroupBarrier();");
  }

  /**
   * Lanes exchange with the one `k` places away until a subgroup holds the same; then each takes the value of another block of
   * `span` lanes, and so on. Operations commute, so that all lanes hold the same bits.
   */
  #inSubgroups(scope: Scope, accumulator: Accumulator, name: string, least: number): void {
    const { lanes } = this.#shape;
    if (lanes <= least) {
      this.#exchange(scope, accumulator, name, `${lanes}u`);
      return;
    }
    const { type, pack, unpack } = carried(accumulator.value.dtype);
    const shared = this.#array(type);
    const first = this.#first(scope);
    const width = scope.bind(`min(subgroup_size, ${lanes}u)`, "width");
    this.#exchange(scope, accumulator, name, width);
    const loop = scope.inner();
    const blocks = loop.bindAnew(`min(subgroup_size, ${lanes}u / span)`, "blocks");
    loop.line(`${shared}[local] = ${pack(name)};`);
    loop.line("workgroupBarrier();");
    const outer = `u32(lane) / (span * ${blocks}) * (span * ${blocks})`;
    loop.line(`${name} = ${unpack(`${shared}[${first} + ${outer} + u32(lane) % ${blocks} * span]`)};`);
    this.#exchange(loop, accumulator, name, blocks);
    loop.line("workgroupBarrier();");
    loop.line(`span *= ${blocks};`);
    scope.nest(`for (var span = ${width}; span < ${lanes}u; )`, loop);
  }

  #exchange(scope: Scope, { combine, value }: Accumulator, name: string, width: string): void {
    const { pack, unpack } = carried(value.dtype);
    const loop = scope.inner();
    const other = loop.bindAnew(unpack(`subgroupShuffleXor(${pack(name)}, k)`));
    loop.line(`${name} = ${combineText(combine, value.dtype, name, other, loop)};`);
    scope.nest(`for (var k = 1u; k < ${width}; k <<= 1u)`, loop);
  }

  #array(type: string): string {
    const name = `shared_${type}`;
    const { points, lanes } = this.#shape;
    this.#shared.set(name, `var<workgroup> ${name}: array<${type}, ${points * lanes}>;`);
    return name;
  }
}
