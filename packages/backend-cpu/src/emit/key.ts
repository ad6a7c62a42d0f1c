/** A text that is equal exactly for kernels of equal structure, however their scalars are shared. It refuses to be read. */

import {
  type Affine,
  inputsOf,
  isConstant,
  isOperation,
  type Kernel,
  type KernelScalar,
  type Location,
  rootsOf,
  scalarsOf,
} from "@adjoint/core/kernel";

/** Numbers scalars, equal ones alike; those inside a scalar, and its indices, have to be numbered before it. */
export function numbering(): {
  readonly number: (scalar: KernelScalar) => number;
  readonly texts: () => Iterable<string>;
} {
  const numbers = new Map<string, number>();
  const known = new Map<KernelScalar, number>();
  const number = (scalar: KernelScalar): number => {
    const found = known.get(scalar);
    if (found !== undefined) return found;
    const text = scalarText(scalar, (input) => known.get(input) ?? -1);
    const id = numbers.get(text) ?? numbers.size;
    numbers.set(text, id);
    known.set(scalar, id);
    return id;
  };
  return { number, texts: () => numbers.keys() };
}

export function kernelKey(kernel: Kernel): string {
  const { number, texts } = numbering();
  const lines = kernel.stages.map((stage) => {
    for (const scalar of scalarsOf(rootsOf(stage))) number(scalar);
    const accumulators = stage.accumulators.map(({ combine, value }) => `${combine} ${number(value)}`);
    const stores = stage.stores.map(
      (store) => `${store.combine ?? "set"} ${placeText(store, number)} ${number(store.value)}`,
    );
    return `${stage.axes.join()}|${accumulators.join(";")}|${stores.join(";")}`;
  });
  const buffers = kernel.buffers.map(({ dtype, size, access }) => `${dtype} ${size} ${access}`);
  const axes = kernel.axes.map(({ extent, order }) => `${extent} ${order}`);
  return [buffers.join(), axes.join(), ...lines, ...texts()].join("\n");
}

function scalarText(scalar: KernelScalar, number: (scalar: KernelScalar) => number): string {
  if (isConstant(scalar)) return `${scalar.dtype} ${valueText(scalar.value)}`;
  if (isOperation(scalar)) return `${scalar.op} ${scalar.dtype} ${inputsOf(scalar).map(number).join()}`;
  switch (scalar.kind) {
    case "coordinate":
      return `axis ${scalar.axis}`;
    case "accumulator":
      return `accumulator ${scalar.stage} ${scalar.index} ${scalar.dtype}`;
    case "load":
      return `load ${scalar.dtype} ${placeText(scalar, number)} ${valueText(scalar.fill)}`;
  }
}

function placeText(place: Location, number: (scalar: KernelScalar) => number): string {
  const bounds = place.bounds.map(({ value, extent }) => `${affineText(value)}<${extent}`);
  const indirect = place.indirect.map((part) => `${number(part.index)}*${part.stride}<${part.extent}`);
  return `${place.buffer}[${affineText(place.offset)}] ${bounds.join("&")} ${indirect.join("&")}`;
}

function affineText({ offset, strides }: Affine): string {
  return `${offset}+${strides.join("+")}`;
}

function valueText(value: number): string {
  return Object.is(value, -0) ? "-0" : `${value}`;
}
