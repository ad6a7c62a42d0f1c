/** Scalars of a kernel as named WGSL values. It refuses to know loops: it is told where each value may stand. */

import type { DType } from "@adjoint/core";
import { VerificationError } from "@adjoint/core";
import {
  type Combine,
  combines,
  isConstant,
  isOperation,
  type KernelScalar,
  type Location,
  type Store,
  scalarsOf,
} from "@adjoint/core/kernel";
import { writeAffine } from "../wgsl/affine.js";
import { writeOperation } from "../wgsl/operations.js";
import type { Scope } from "../wgsl/scope.js";
import { literal } from "../wgsl/types.js";
import type { Memory } from "./memory.js";

/** The names a kernel's leaves have at a place in a shader. */
export interface Site {
  readonly memory: Memory;
  readonly axis: (axis: number) => string;
  readonly accumulator: (stage: number, index: number) => string;
  /** A load as a part of one of several neighbors, where they are read at once. */
  readonly together?: (load: Extract<KernelScalar, { readonly kind: "load" }>) => string | undefined;
}

/** A store whose place and value are evaluated. */
export interface Prepared {
  readonly store: Store;
  readonly index: string;
  readonly condition: string | undefined;
  readonly value: string;
}

/** Values known at a place: those of the place outside, and its own. */
export class Values {
  readonly scope: Scope;
  readonly #site: Site;
  readonly #outside: Values | undefined;
  readonly #belongsOutside: (scalar: KernelScalar) => boolean;
  readonly #names = new Map<KernelScalar, string>();

  /** Scalars that `belongsOutside` names are evaluated in `outside`. */
  constructor(
    site: Site,
    scope: Scope,
    outside?: Values,
    belongsOutside: (scalar: KernelScalar) => boolean = () => false,
  ) {
    this.#site = site;
    this.scope = scope;
    this.#outside = outside;
    this.#belongsOutside = belongsOutside;
  }

  of(root: KernelScalar): string {
    for (const scalar of scalarsOf([root])) {
      if (this.#find(scalar) !== undefined) continue;
      if (this.#outside !== undefined && this.#belongsOutside(scalar)) this.#outside.of(scalar);
      else this.#names.set(scalar, this.#write(scalar));
    }
    return this.#find(root) ?? "0";
  }

  /** Where a location is, and whether the access takes place; undefined where it always does. */
  place(location: Location): { readonly index: string; readonly condition: string | undefined } {
    const { axis } = this.#site;
    const conditions = location.bounds.map(
      ({ value, extent }) => `u32(${writeAffine(value, axis)}) < ${extent}u`,
    );
    const parts = location.indirect.map(({ index, stride, extent }) => {
      const name = this.of(index);
      conditions.push(`u32(${name}) < ${extent}u`);
      return stride === 1 ? ` + i32(${name})` : ` + ${stride}i * i32(${name})`;
    });
    const index = writeAffine(location.offset, axis) + parts.join("");
    if (conditions.length === 0) return { index: this.scope.bind(index, "at"), condition: undefined };
    const condition = this.scope.bind(conditions.join(" && "), "if");
    return { index: this.scope.bind(`select(0i, ${index}, ${condition})`, "at"), condition };
  }

  /** The statements of stores, all of whose values and places are evaluated before the first of them takes place. */
  store(stores: readonly Store[], guard?: string): void {
    const ready = stores.map((store) => this.prepare(store));
    for (const prepared of ready) this.commit(prepared, guard);
  }

  prepare(store: Store): Prepared {
    return { store, ...this.place(store), value: this.of(store.value) };
  }

  commit({ store, index, condition, value }: Prepared, guard?: string): void {
    const { memory } = this.#site;
    const block = this.scope.inner();
    const kept =
      store.combine === undefined
        ? value
        : block.bindAnew(
            combineText(store.combine, store.value.dtype, memory.load(store.buffer, index), value, block),
          );
    block.line(memory.store(store.buffer, index, kept));
    const conditions = [guard, condition].filter((text) => text !== undefined);
    if (conditions.length > 0) this.scope.nest(`if (${conditions.join(" && ")})`, block);
    else this.scope.lines.push(...block.lines);
  }

  #find(scalar: KernelScalar): string | undefined {
    const own = this.#names.get(scalar);
    return own === undefined && this.#outside !== undefined ? this.#outside.#find(scalar) : own;
  }

  #write(scalar: KernelScalar): string {
    const { memory, axis, accumulator } = this.#site;
    if (isConstant(scalar)) return this.#literal(literal(scalar.value, scalar.dtype));
    if (isOperation(scalar)) {
      const names = scalar.inputs.map((input) => this.of(input));
      const from = scalar.inputs.at(-1)?.dtype ?? scalar.dtype;
      const text = writeOperation(scalar.op, from, scalar.dtype, names);
      if (text === undefined) {
        throw new VerificationError(`WGSL has no ${scalar.op} of ${from}.`, scalar.op);
      }
      return this.scope.bind(text);
    }
    if (scalar.kind === "coordinate") return axis(scalar.axis);
    if (scalar.kind === "accumulator") return accumulator(scalar.stage, scalar.index);
    const together = this.#site.together?.(scalar);
    if (together !== undefined) return this.scope.bind(together);
    const { index, condition } = this.place(scalar);
    const loaded = memory.load(scalar.buffer, index);
    const text =
      condition === undefined
        ? loaded
        : `select(${literal(scalar.fill, scalar.dtype)}, ${loaded}, ${condition})`;
    return memory.isWritten(scalar.buffer) ? this.scope.bindAnew(text) : this.scope.bind(text);
  }

  /** Named, so that no expression of constants alone is left, which a compiler would refuse to overflow. */
  #literal(text: string): string {
    return this.scope.bind(text, "c");
  }
}

/** A combination of two values as text; `scope` takes the operand that has to be named. */
export function combineText(combine: Combine, dtype: DType, a: string, b: string, scope: Scope): string {
  const text = writeOperation(combines[combine].op, dtype, dtype, [scope.bindAnew(a), b]);
  if (text === undefined) throw new VerificationError(`WGSL cannot combine ${dtype} by ${combine}.`, combine);
  return text;
}
