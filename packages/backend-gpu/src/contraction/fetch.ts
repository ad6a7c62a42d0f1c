/**
 * Reads a factor of a contraction from memory into shared memory, quad by quad. `along` says on which side four neighbors are
 * one quad: on the inner axes, or on the factor's own (its rows or columns). Positions beyond the end are read from the
 * last one and, on the inner side, count as zero.
 */

import type { KernelScalar } from "@adjoint/core/kernel";
import { type Site, Values } from "../shader/evaluate.js";
import { unflatten } from "../shader/unflatten.js";
import { writeAffine } from "../wgsl/affine.js";
import type { Scope } from "../wgsl/scope.js";
import { isQuad } from "./quads.js";
import type { AxisGroup } from "./recognize.js";

export interface Factor {
  readonly name: "left" | "right";
  readonly value: KernelScalar;
  /** Its rows or columns, and how many of them a tile has. */
  readonly own: AxisGroup;
  readonly width: number;
  readonly inner: AxisGroup;
  readonly depth: number;
  readonly threads: number;
}

export class Fetch {
  readonly #factor: Factor;
  readonly #site: Site;
  readonly #along: "inner" | "own";
  readonly #whole: boolean;
  readonly #count: number;

  constructor(factor: Factor, site: Site) {
    this.#factor = factor;
    this.#site = site;
    const { value, own, inner, width, depth, threads } = factor;
    const isLoad = value.kind === "load";
    this.#along = isAlongInner(value, own, inner) ? "inner" : "own";
    const side = this.#along === "inner" ? inner : own;
    this.#whole = isLoad && site.memory.layoutOf(value.buffer) === "quads" && isQuad(value, side);
    this.#count = Math.ceil((width * depth) / 4 / threads);
  }

  /** Row length of shared memory in quads: one more than needed, so that rows start in different banks. */
  get pitch(): number {
    return this.#factor.width / 4 + 1;
  }

  declare(): string {
    const { name, depth } = this.#factor;
    return `var<workgroup> ${name}_tile: array<vec4<f32>, ${depth * this.pitch}>;`;
  }

  /** Registers for a tile on its way, and where this thread's quads are. `start` is the tile's first own position. */
  prepare(scope: Scope, start: string): void {
    const { name, own, width, depth, threads } = this.#factor;
    for (let j = 0; j < this.#count; j++) {
      const at = j === 0 ? "i32(local)" : `i32(local) + ${j * threads}i`;
      const quads = this.#along === "inner" ? depth / 4 : width / 4;
      scope.line(`let ${name}_q${j} = ${at};`);
      const [low, high] = [`${name}_q${j} % ${quads}i`, `${name}_q${j} / ${quads}i`];
      scope.line(`let ${name}_k${j} = ${this.#along === "inner" ? `(${low}) * 4i` : high};`);
      scope.line(`let ${name}_o${j} = ${this.#along === "inner" ? high : `(${low}) * 4i`};`);
      scope.line(`var ${name}_r${j} = vec4<f32>();`);
      const step = this.#along === "inner" || !this.#whole ? 1 : 4;
      for (let e = 0; e < (this.#along === "inner" || this.#whole ? 1 : 4); e++) {
        const position = `${start} + ${name}_o${j}${e === 0 ? "" : ` + ${e}i`}`;
        const exact = own.size % width === 0;
        unflatten(scope, exact ? position : `min(${position}, ${own.size - step}i)`, own.axes, (axis) =>
          this.#ownName(axis, j, e),
        );
      }
    }
  }

  /** Reads the quads whose first inner position is `k` into registers. */
  read(scope: Scope, k: string): void {
    for (let j = 0; j < this.#count; j++) {
      const block = scope.inner();
      this.#readOne(block, k, j);
      scope.nest(this.#guard(j), block);
    }
  }

  /** Puts registers into shared memory. */
  put(scope: Scope): void {
    const { name } = this.#factor;
    for (let j = 0; j < this.#count; j++) {
      const block = scope.inner();
      const row = (e: number): string => `(${name}_k${j}${e === 0 ? "" : ` + ${e}i`}) * ${this.pitch}i`;
      if (this.#along === "own") block.line(`${name}_tile[${row(0)} + ${name}_o${j} / 4i] = ${name}_r${j};`);
      else
        for (let e = 0; e < 4; e++)
          block.line(
            `${name}_tile[${row(e)} + ${name}_o${j} / 4i][${name}_o${j} % 4i] = ${name}_r${j}[${e}];`,
          );
      scope.nest(this.#guard(j), block);
    }
  }

  /** Whether there is a quad for this thread. */
  #guard(j: number): string {
    const { name, width, depth, threads } = this.#factor;
    return (j + 1) * threads * 4 <= width * depth ? "" : `if (${name}_q${j} < ${(width * depth) / 4}i)`;
  }

  #readOne(block: Scope, k: string, j: number): void {
    const { name, inner, depth, value } = this.#factor;
    const exact = inner.size % depth === 0;
    const at = (e: number): string => `${k} + ${name}_k${j}${e === 0 ? "" : ` + ${e}i`}`;
    const target = `${name}_r${j}`;
    const innerName = (axis: number, e: number): string => `${name}_i${axis}_${j}_${e}`;
    const place = (e: number): string => {
      const last = this.#whole && this.#along === "inner" ? inner.size - 4 : inner.size - 1;
      unflatten(block, exact ? at(e) : `min(${at(e)}, ${last}i)`, inner.axes, (axis) => innerName(axis, e));
      return `${at(e)} < ${inner.size}i`;
    };
    const axisName =
      (e: number, o: number) =>
      (axis: number): string => {
        if (inner.axes.some((other) => other.axis === axis)) return innerName(axis, e);
        return this.#factor.own.axes.some((other) => other.axis === axis)
          ? this.#ownName(axis, j, o)
          : this.#site.axis(axis);
      };
    if (this.#whole && value.kind === "load") {
      const inside = place(0);
      const index = `(${writeAffine(value.offset, axisName(0, 0))}) >> 2u`;
      const quad = this.#site.memory.loadQuad(value.buffer, index);
      block.line(`${target} = ${exact ? quad : `select(vec4<f32>(), ${quad}, ${inside})`};`);
      return;
    }
    const names: string[] = [];
    for (let e = 0; e < 4; e++) {
      const [i, o] = this.#along === "inner" ? [e, 0] : [0, e];
      const inside = e === 0 || this.#along === "inner" ? place(i) : `${at(0)} < ${inner.size}i`;
      const values = new Values({ ...this.#site, axis: axisName(i, o) }, block);
      const element = values.of(value);
      names.push(exact ? element : block.bind(`select(0f, ${element}, ${inside})`));
    }
    block.line(`${target} = vec4<f32>(${names.join(", ")});`);
  }

  #ownName(axis: number, j: number, e: number): string {
    return `${this.#factor.name}_a${axis}_${j}_${e}`;
  }
}

/** Whether neighbors on the inner axes are nearer in memory than neighbors on the factor's own. */
function isAlongInner(value: KernelScalar, own: AxisGroup, inner: AxisGroup): boolean {
  if (value.kind !== "load") return false;
  if (isQuad(value, inner)) return true;
  if (isQuad(value, own)) return false;
  const stride = ({ axes }: AxisGroup): number => {
    const last = axes.at(-1);
    const found = last === undefined ? 0 : Math.abs(value.offset.strides[last.axis] ?? 0);
    return found === 0 ? Number.POSITIVE_INFINITY : found;
  };
  return stride(inner) < stride(own);
}
