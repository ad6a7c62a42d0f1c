/**
 * Where everything lies in the one memory of several plans:
 * parameters (one copy per name), constants of each plan, inputs (as much as the plan with most), arena (likewise).
 */

import { type DType, dtypes, sizeOf, VerificationError } from "@adjoint/core";
import type { Plan, PlanBuffer, TensorSlot } from "@adjoint/scheduler/plan";

export interface Placed {
  readonly dtype: DType;
  readonly address: number;
  /** Elements. */
  readonly size: number;
}

export interface ProgramLayout {
  /** Address of each of the plan's buffers. */
  readonly addresses: readonly number[];
}

export interface Layout {
  readonly parameters: ReadonlyMap<string, Placed>;
  readonly programs: ReadonlyMap<string, ProgramLayout>;
  /** Bytes of each space. */
  readonly spaces: {
    readonly parameters: number;
    readonly constants: number;
    readonly inputs: number;
    readonly arena: number;
  };
  /** Bytes of all spaces. */
  readonly bytes: number;
}

export function layOut(plans: ReadonlyMap<string, Plan>): Layout {
  const parameters = new Map<string, Placed>();
  let parameterBytes = 0;
  for (const [program, plan] of plans) {
    for (const slot of plan.parameters) {
      const size = sizeOf(slot.shape);
      const known = parameters.get(slot.name);
      if (known === undefined) {
        parameters.set(slot.name, { dtype: slot.dtype, address: parameterBytes, size });
        parameterBytes += bufferOf(plan, slot, program).bytes;
      } else if (known.dtype !== slot.dtype || known.size !== size) {
        throw new VerificationError(
          `Parameter ${slot.name} is ${slot.dtype} with ${size} elements in program ${program}, ` +
            `but ${known.dtype} with ${known.size} in another.`,
          slot.name,
        );
      }
    }
  }
  const all = [...plans.values()];
  const constants = all.map((plan) => spaceBytes(plan, "constant"));
  const spaces = {
    parameters: parameterBytes,
    constants: constants.reduce((sum, bytes) => sum + bytes, 0),
    inputs: Math.max(0, ...all.map((plan) => spaceBytes(plan, "input"))),
    arena: Math.max(0, ...all.map((plan) => spaceBytes(plan, "arena"))),
  };
  const inputs = spaces.parameters + spaces.constants;
  const programs = new Map<string, ProgramLayout>();
  let constant = spaces.parameters;
  for (const [position, [program, plan]] of [...plans].entries()) {
    const named = new Map(plan.parameters.map((slot) => [slot.buffer, parameters.get(slot.name)?.address]));
    const starts = { parameter: undefined, constant, input: inputs, arena: inputs + spaces.inputs };
    const addresses = plan.buffers.map(({ space, offset }, index) => {
      const start = space === "parameter" ? named.get(index) : starts[space];
      if (start === undefined) {
        throw new VerificationError(
          `Buffer ${index} is a parameter without a name.`,
          `${program} buffer ${index}`,
        );
      }
      return start + offset;
    });
    programs.set(program, { addresses });
    constant += constants[position] ?? 0;
  }
  return { parameters, programs, spaces, bytes: inputs + spaces.inputs + spaces.arena };
}

function spaceBytes(plan: Plan, space: PlanBuffer["space"]): number {
  return plan.buffers.reduce(
    (most, buffer) => (buffer.space === space ? Math.max(most, buffer.offset + buffer.bytes) : most),
    0,
  );
}

function bufferOf(plan: Plan, slot: TensorSlot, program: string): PlanBuffer {
  const buffer = plan.buffers[slot.buffer];
  if (buffer === undefined || buffer.bytes < sizeOf(slot.shape) * dtypes[slot.dtype].bytes) {
    throw new VerificationError(`${slot.name} does not fit its buffer.`, `${program} buffer ${slot.buffer}`);
  }
  return buffer;
}
