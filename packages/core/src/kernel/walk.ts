/** Visits the parts of a kernel. It refuses to interpret them. */

import { isOperation } from "../scalar/scalar.js";
import type { Kernel, KernelScalar, Load, Location, Stage } from "./kernel.js";

/** The scalars a stage evaluates: values and computed indices of accumulators and stores. */
export function rootsOf(stage: Stage): KernelScalar[] {
  return [
    ...stage.accumulators.map((accumulator) => accumulator.value),
    ...stage.stores.flatMap((store) => [...store.indirect.map((indirect) => indirect.index), store.value]),
  ];
}

/** Every scalar of a stage once, inputs before users; computed indices of loads come before the load. */
export function scalarsOf(roots: readonly KernelScalar[]): KernelScalar[] {
  const order: KernelScalar[] = [];
  const seen = new Set<KernelScalar>();
  const stack: { scalar: KernelScalar; opened: boolean }[] = [];
  for (const root of roots) {
    stack.push({ scalar: root, opened: false });
    while (stack.length > 0) {
      const top = stack.pop();
      if (top === undefined || seen.has(top.scalar)) continue;
      if (top.opened) {
        seen.add(top.scalar);
        order.push(top.scalar);
        continue;
      }
      stack.push({ scalar: top.scalar, opened: true });
      const inputs = inputsOf(top.scalar);
      for (let i = inputs.length - 1; i >= 0; i--) {
        const input = inputs[i];
        if (input !== undefined && !seen.has(input)) stack.push({ scalar: input, opened: false });
      }
    }
  }
  return order;
}

/** What must be evaluated before a scalar: operands, or the computed indices of a load. */
export function inputsOf(scalar: KernelScalar): readonly KernelScalar[] {
  if (isOperation(scalar)) return scalar.inputs;
  return scalar.kind === "load" ? scalar.indirect.map((indirect) => indirect.index) : [];
}

export function loadsOf(stage: Stage): Load[] {
  return scalarsOf(rootsOf(stage)).filter((scalar): scalar is Load => scalar.kind === "load");
}

export function locationsOf(kernel: Kernel): { stage: Stage; location: Location }[] {
  return kernel.stages.flatMap((stage) =>
    [...loadsOf(stage), ...stage.stores].map((location) => ({ stage, location })),
  );
}

/** Arithmetic operations executed by one run of the kernel (a select, cast or comparison counts as one as well). */
export function flopsOf(kernel: Kernel): number {
  const outer = kernel.axes.reduce((product, axis) => product * axis.extent, 1);
  return kernel.stages.reduce((total, stage) => {
    const inner = stage.axes.reduce((product, extent) => product * extent, 1);
    const operations = scalarsOf(rootsOf(stage)).filter(isOperation).length;
    const combines = stage.stores.filter((store) => store.combine !== undefined).length;
    return total + outer * inner * (operations + combines + stage.accumulators.length);
  }, 0);
}
