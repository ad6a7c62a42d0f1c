/** Parameters between sessions and safetensors: optimizer state is parameters too. It refuses to open files. */

import { DTypeError, formatShape, NameError, ShapeError, sameShape, sizeOf } from "@adjoint/core";
import type { ParameterStore } from "@adjoint/scheduler";
import type { StoredTensor } from "../safetensors/format.js";
import { hostArrayOf } from "../safetensors/host.js";

/** What must be known of a parameter to store it. */
export interface ParameterType {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** Weights and optimizer state by name. */
export type StoredParameters = ReadonlyMap<string, StoredTensor>;

/**
 * The values of parameters (`plan.parameters`) between two steps: the reads are queued together, so that no step that is called
 * meanwhile comes between them.
 */
export async function readParameters(
  session: ParameterStore,
  parameters: readonly ParameterType[],
): Promise<Map<string, StoredTensor>> {
  const tensors = await Promise.all(parameters.map(({ name }) => session.read(name)));
  return new Map(
    tensors.map(({ dtype, shape, data }, position): [string, StoredTensor] => [
      parameters[position]?.name ?? "",
      { dtype, shape, data },
    ]),
  );
}

/**
 * Checks that tensors are exactly these parameters.
 * @throws NameError for one that is missing or too many, ShapeError or DTypeError for one of another type.
 */
export function checkParameters(parameters: readonly ParameterType[], tensors: StoredParameters): void {
  const known = new Map(parameters.map((slot) => [slot.name, slot]));
  for (const name of tensors.keys()) {
    if (!known.has(name)) {
      const names = [...known.keys()].join(", ") || "none";
      throw new NameError(`"${name}" is no parameter of the graph; its parameters are ${names}.`, name);
    }
  }
  for (const slot of parameters) {
    const tensor = tensors.get(slot.name);
    if (tensor === undefined)
      throw new NameError(`Parameter "${slot.name}" is missing among the tensors.`, slot.name);
    checkTensor(slot, tensor);
  }
}

function checkTensor({ name, dtype, shape }: ParameterType, tensor: StoredTensor): void {
  if (tensor.dtype !== dtype)
    throw new DTypeError(`Parameter "${name}" is ${dtype}, but stored as ${tensor.dtype}.`, name);
  if (!sameShape(tensor.shape, shape) || tensor.data.length !== sizeOf(shape)) {
    throw new ShapeError(
      `Parameter "${name}" has shape ${formatShape(shape)}, but is stored as ${formatShape(tensor.shape)}.`,
      name,
    );
  }
}

/** Gives every parameter (`plan.parameters`) its stored value, bit for bit. @throws as `checkParameters`, before anything is written. */
export async function writeParameters(
  session: ParameterStore,
  parameters: readonly ParameterType[],
  tensors: StoredParameters,
): Promise<void> {
  checkParameters(parameters, tensors);
  await Promise.all([...tensors].map(([name, { data }]) => session.write(name, hostArrayOf(data, name))));
}
