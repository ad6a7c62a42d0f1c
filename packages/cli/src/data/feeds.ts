/** Stored tensors as feeds of a program. It refuses to guess: what is missing, misshapen or rounded is an error. */

import {
  DTypeError,
  dtypes,
  formatShape,
  NameError,
  ShapeError,
  sameShape,
  type TensorType,
} from "@adjoint/core";
import { hostArrayOf, numbersOf, type StoredTensor } from "@adjoint/interchange/safetensors";
import type { FeedData } from "@adjoint/scheduler";

export interface NamedType extends TensorType {
  readonly name: string;
}

type Stored = ReadonlyMap<string, StoredTensor>;

/** A stored tensor by name. @throws NameError */
export function tensorFor({ name, dtype, shape }: NamedType, stored: Stored): StoredTensor {
  const found = stored.get(name);
  if (found !== undefined) return found;
  const known = [...stored.keys()].join(", ") || "nothing";
  throw new NameError(`input "${name}", ${dtype}${formatShape(shape)}, is missing: there is ${known}`, name);
}

/** Feeds of exactly the declared shapes. @throws NameError, ShapeError, DTypeError */
export function feedsFrom(inputs: readonly NamedType[], stored: Stored): Record<string, FeedData> {
  for (const name of stored.keys()) {
    if (!inputs.some((input) => input.name === name))
      throw new NameError(
        `"${name}" is no input; the inputs are ${inputs.map((input) => input.name).join(", ") || "none"}`,
        name,
      );
  }
  return Object.fromEntries(
    inputs.map((input): [string, FeedData] => {
      const tensor = tensorFor(input, stored);
      if (!sameShape(tensor.shape, input.shape))
        throw new ShapeError(
          `input "${input.name}" has shape ${formatShape(input.shape)}, but is stored as ${formatShape(tensor.shape)}`,
          input.name,
        );
      return [input.name, { shape: input.shape, data: elementsFor(input, tensor) }];
    }),
  );
}

/** The elements of a stored tensor for an input: its own array where the types agree, else numbers that the input can hold. */
export function elementsFor(
  { name, dtype }: NamedType,
  tensor: StoredTensor,
): ReturnType<typeof hostArrayOf> | readonly number[] {
  if (tensor.dtype === dtype && dtype !== "bool") return hostArrayOf(tensor.data, name);
  const numbers = numbersOf(tensor, name);
  if (dtypes[dtype].kind === "float") return numbers;
  const [least, most] = ranges[dtype];
  for (const [index, value] of numbers.entries()) {
    if (!Number.isInteger(value) || value < least || value > most)
      throw new DTypeError(`input "${name}": element ${index} is ${value}, which is no ${dtype}`, name);
  }
  return numbers;
}

const ranges: Readonly<Record<TensorType["dtype"], readonly [number, number]>> = {
  float32: [-Infinity, Infinity],
  float16: [-Infinity, Infinity],
  float64: [-Infinity, Infinity],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  bool: [0, 1],
};
