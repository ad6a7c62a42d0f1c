/** Parameters of a session from a file and into one. It refuses to change what the file does not name. */

import { NameError } from "@adjoint/core";
import {
  type ParameterType,
  readParameters,
  type StoredParameters,
  writeParameters,
} from "@adjoint/interchange/checkpoint";
import { writeSafetensors } from "@adjoint/interchange/safetensors";
import type { ParameterStore } from "@adjoint/scheduler";

/** Gives parameters their stored values; those that the file does not have keep theirs. @throws NameError, ShapeError, DTypeError */
export async function giveParameters(
  session: ParameterStore,
  parameters: readonly ParameterType[],
  stored: StoredParameters,
): Promise<void> {
  const named = parameters.filter(({ name }) => stored.has(name));
  if (named.length === 0 && stored.size > 0)
    throw new NameError(`none of ${[...stored.keys()].join(", ")} is a parameter of the graph`, "parameters");
  await writeParameters(session, named, stored);
}

/** The parameters as a safetensors file. */
export async function parameterFile(
  session: ParameterStore,
  parameters: readonly ParameterType[],
): Promise<Uint8Array> {
  return writeSafetensors(await readParameters(session, parameters));
}
