/** Accumulators of lanes brought together through the shared memory of a workgroup. */

import type { DType } from "@adjoint/core";
import type { Accumulator } from "@adjoint/core/kernel";
import type { Scope } from "../wgsl/scope.js";
import { valueType } from "../wgsl/types.js";
import { combineText } from "./evaluate.js";
import type { NestShape } from "./shape.js";

export class Gathering {
  readonly #shape: NestShape;
  readonly #shared = new Map<string, string>();

  constructor(shape: NestShape) {
    this.#shape = shape;
  }

  declarations(): readonly string[] {
    return [...this.#shared.values()];
  }

  /** Leaves in every lane the combination of what the lanes of its point hold, or what the first one holds. */
  add(scope: Scope, { combine, value }: Accumulator, name: string, combined: boolean): void {
    const { points, lanes, fastest } = this.#shape;
    const shared = this.#array(value.dtype, points * lanes);
    const stride = fastest === "lanes" ? 1 : points;
    const first = scope.bind(`local - u32(lane) * ${stride}u`, "first");
    const isBool = value.dtype === "bool";
    const put = (text: string): string => (isBool ? `select(0u, 1u, ${text})` : text);
    const get = (at: string): string => (isBool ? `(${shared}[${at}] != 0u)` : `${shared}[${at}]`);
    scope.line(`${shared}[local] = ${put(name)};`);
    scope.line("workgroupBarrier();");
    if (combined) {
      const loop = scope.inner();
      const step = loop.inner();
      const sum = combineText(
        combine,
        value.dtype,
        get("local"),
        get(`local + u32(half) * ${stride}u`),
        step,
      );
      step.line(`${shared}[local] = ${put(sum)};`);
      loop.nest("if (lane < half)", step);
      loop.line("workgroupBarrier();");
      scope.nest(`for (var half = ${lanes / 2}i; half > 0i; half >>= 1u)`, loop);
    }
    scope.line(`${name} = ${get(first)};`);
    scope.line("workgroupBarrier();");
  }

  #array(dtype: DType, size: number): string {
    const type = dtype === "bool" ? "u32" : valueType(dtype);
    const name = `shared_${type}`;
    this.#shared.set(name, `var<workgroup> ${name}: array<${type}, ${size}>;`);
    return name;
  }
}
