/** What happens at the points of a stage: values accumulate, then are stored; four neighbors at once where a shader is wide. */

import {
  type Accumulator,
  identityOf,
  isOperation,
  type Kernel,
  rootsOf,
  type Stage,
  scalarsOf,
} from "@adjoint/core/kernel";
import type { Scope } from "../wgsl/scope.js";
import { literal, valueType } from "../wgsl/types.js";
import { combineText, type Site, Values } from "./evaluate.js";
import type { NestShape } from "./shape.js";
import { type Share, variesIn } from "./share.js";
import { type Element, isQuadOn, quadSite, storeFour, wideAxis } from "./wide.js";

export class Body {
  readonly #kernel: Kernel;
  readonly #site: Site;
  readonly #shape: NestShape;
  readonly #stage: Stage;
  readonly #index: number;
  readonly #share: Share;
  readonly #outside: readonly Values[];
  /** The axis of which four neighbors are taken at once. */
  readonly axis: number | undefined;

  constructor(
    kernel: Kernel,
    site: Site,
    shape: NestShape,
    index: number,
    stage: Stage,
    share: Share,
    around: Scope,
  ) {
    this.#kernel = kernel;
    this.#site = site;
    this.#shape = shape;
    this.#stage = stage;
    this.#index = index;
    this.#share = share;
    this.axis = this.#axis();
    this.#outside = this.#neighbors(around).map(({ site: here }) => new Values(here, around));
  }

  /** Fresh accumulators, from the identity of what they combine. */
  declare(scope: Scope, prefix: string): void {
    for (const { name, accumulator } of this.accumulators(prefix)) {
      const { combine, value } = accumulator;
      scope.line(
        `var ${name}: ${valueType(value.dtype)} = ${literal(identityOf(combine, value.dtype), value.dtype)};`,
      );
    }
  }

  /** Leaves in the accumulators of `to` those of `first` combined with those of `second`, by prefixes. */
  join(scope: Scope, to: string, first: string, second: string): void {
    const [targets, left, right] = [to, first, second].map((prefix) => this.accumulators(prefix));
    for (const [k, { name, accumulator }] of (targets ?? []).entries()) {
      const [a = "", b = ""] = [left?.[k]?.name, right?.[k]?.name];
      scope.line(`${name} = ${combineText(accumulator.combine, accumulator.value.dtype, a, b, scope)};`);
    }
  }

  /** Leaves in the accumulators of one prefix those of another. */
  copy(scope: Scope, to: string, from: string): void {
    const sources = this.accumulators(from);
    for (const [k, { name }] of this.accumulators(to).entries())
      scope.line(`${name} = ${sources[k]?.name ?? ""};`);
  }

  /** By name: one for all neighbors, or for each its own. */
  accumulators(prefix: string): { readonly name: string; readonly accumulator: Accumulator }[] {
    const each = this.#shape.wide === "points" ? [0, 1, 2, 3] : [0];
    return this.#stage.accumulators.flatMap((accumulator, k) =>
      each.map((e) => ({ name: accumulatorName(prefix, this.#index, k, e), accumulator })),
    );
  }

  /** Accumulates one point, then stores. */
  write(scope: Scope, prefix: string): void {
    this.store(scope, this.accumulate(scope, prefix));
  }

  /** Accumulates one point; gives what `store` stores. */
  accumulate(scope: Scope, prefix: string): readonly Element[] {
    const varies = variesIn(this.#kernel, this.#stage, this.#index, this.#site.memory);
    const elements = this.#neighbors(scope).map(({ site }, e): Element => {
      return { site, values: new Values(site, scope, this.#outside[e], (scalar) => !varies(scalar)) };
    });
    const updates = this.#stage.accumulators.map(({ value }) =>
      elements.map(({ values }) => values.of(value)),
    );
    for (const [k, { combine, value }] of this.#stage.accumulators.entries()) {
      const joined = (a: string, b: string): string => combineText(combine, value.dtype, a, b, scope);
      const found = updates[k] ?? [];
      if (this.#shape.wide === "points") {
        for (const [e, update] of found.entries()) {
          const name = accumulatorName(prefix, this.#index, k, e);
          scope.line(`${name} = ${joined(name, update)};`);
        }
        continue;
      }
      const name = accumulatorName(prefix, this.#index, k, 0);
      const [a = "", b, c = "", d = ""] = found;
      const update =
        b === undefined
          ? a
          : scope.bindAnew(joined(scope.bindAnew(joined(a, b)), scope.bindAnew(joined(c, d))));
      scope.line(`${name} = ${joined(name, update)};`);
    }
    return elements;
  }

  store(scope: Scope, elements: readonly Element[]): void {
    const many = this.#shape.lanes > 1;
    const [first] = elements;
    const guards = [
      many ? "inside" : undefined,
      many && this.#stage.axes.length === 0 ? "lane == 0i" : undefined,
      this.#share === "owned" && first !== undefined ? this.#owns(first.values) : undefined,
    ].filter((text) => text !== undefined);
    const guard = guards.length === 0 ? undefined : guards.join(" && ");
    const { axis } = this;
    if (axis === undefined) first?.values.store(this.#stage.stores, guard);
    else
      storeFour(
        scope,
        elements,
        this.#stage.stores,
        this.#site.memory,
        (store) => isQuadOn(store, axis),
        guard,
      );
  }

  #axis(): number | undefined {
    const { wide, part } = this.#shape;
    if (wide === undefined) return undefined;
    const shared = this.#share === "combined" || this.#share === "apart";
    if (wide === "stages" && (!shared || this.#readsOwn())) return undefined;
    return wideAxis(this.#kernel, this.#stage, wide, part?.axis);
  }

  #neighbors(scope: Scope): { readonly site: Site }[] {
    const { axis } = this;
    if (axis === undefined) return [{ site: this.#site }];
    return [0, 1, 2, 3].map((e) => {
      const site = quadSite(this.#site, scope, axis, e);
      if (this.#shape.wide !== "points") return { site };
      return {
        site: { ...site, accumulator: (stage: number, k: number) => accumulatorName("a", stage, k, e) },
      };
    });
  }

  /** Whether this lane owns what a computed index addresses: one of all lanes does, so that collisions keep their order. */
  #owns(values: Values): string {
    const [target] = this.#stage.stores.flatMap(({ indirect }) => indirect);
    const { lanes, part } = this.#shape;
    const owners = lanes * (part?.parts ?? 1);
    const self = part === undefined ? "u32(lane)" : `u32(i${part.axis} * ${lanes}i + lane)`;
    return target === undefined ? "lane == 0i" : `u32(${values.of(target.index)}) % ${owners}u == ${self}`;
  }

  #readsOwn(): boolean {
    return scalarsOf(rootsOf(this.#stage)).some(
      (scalar) => !isOperation(scalar) && scalar.kind === "accumulator" && scalar.stage === this.#index,
    );
  }
}

export function accumulatorName(prefix: string, stage: number, k: number, e: number): string {
  return e === 0 ? `${prefix}${stage}_${k}` : `${prefix}${stage}_${k}_${e}`;
}
