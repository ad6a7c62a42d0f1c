/** The accumulating stages of a kernel while it is built. It refuses to know nodes. */

import type { Shape } from "@adjoint/core";
import { type Combine, type KernelScalar, type Stage, scalarsOf } from "@adjoint/core/kernel";

export class StageList {
  readonly #stages: Stage[] = [];

  get stages(): readonly Stage[] {
    return this.#stages;
  }

  /** The final value of a combination over axes: in the earliest stage with these loops that comes after what it reads. */
  accumulate(axes: Shape, combine: Combine, value: KernelScalar): KernelScalar {
    const before = scalarsOf([value]).map((part) => (part.kind === "accumulator" ? part.stage : -1));
    const needed = before.reduce((latest, stage) => Math.max(latest, stage), -1);
    const loops = axes.join();
    const found = this.#stages.findIndex(
      (stage, position) => position > needed && stage.axes.join() === loops,
    );
    const stage = found < 0 ? this.#stages.push({ axes, accumulators: [], stores: [] }) - 1 : found;
    const accumulators = this.#stages[stage]?.accumulators ?? [];
    this.#stages[stage] = { axes, accumulators: [...accumulators, { combine, value }], stores: [] };
    return { kind: "accumulator", dtype: value.dtype, stage, index: accumulators.length };
  }
}
