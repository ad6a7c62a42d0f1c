/**
 * Where everything lies on the device: chunks of memory, each a buffer of its own. Parameters (one copy per name) and
 * constants fill as many chunks as a device's limits force; inputs and the arena are one each, as large as the plan with
 * most. It refuses to create anything.
 */

import { type DType, MemoryError, sizeOf, VerificationError } from "@adjoint/core";
import type { Plan, PlanBuffer } from "@adjoint/scheduler/plan";

export interface Range {
  readonly chunk: number;
  /** Bytes from the start of the chunk. */
  readonly offset: number;
  readonly bytes: number;
}

export interface Placed extends Range {
  readonly dtype: DType;
  /** Elements. */
  readonly size: number;
}

export interface Layout {
  /** Bytes of each chunk. */
  readonly chunks: readonly number[];
  readonly parameters: ReadonlyMap<string, Placed>;
  /** The range of each of a plan's buffers, by program. */
  readonly programs: ReadonlyMap<string, readonly Range[]>;
  /** What is bound for an operand without elements. */
  readonly nothing: Range;
}

/** @throws VerificationError for plans that contradict each other, MemoryError for a buffer larger than a chunk may be. */
export function layOut(plans: ReadonlyMap<string, Plan>, largest: number): Layout {
  const chunks = new Chunks(largest);
  const parameters = new Map<string, Placed>();
  for (const [program, plan] of plans) {
    for (const { name, dtype, shape, buffer } of plan.parameters) {
      const size = sizeOf(shape);
      const known = parameters.get(name);
      if (known !== undefined && (known.dtype !== dtype || known.size !== size)) {
        throw new VerificationError(
          `Parameter ${name} is ${dtype} with ${size} elements in program ${program}, but ${known.dtype} with ${known.size} in another.`,
          name,
        );
      }
      if (known === undefined)
        parameters.set(name, { ...chunks.place(plan.buffers[buffer]?.bytes ?? 0, name), dtype, size });
    }
  }
  const all = [...plans.values()];
  const most = (space: PlanBuffer["space"]): number =>
    Math.max(0, ...all.map((plan) => spaceBytes(plan, space)));
  chunks.close();
  const inputs = chunks.place(most("input"), "the inputs");
  chunks.close();
  const arena = chunks.place(most("arena"), "the arena");
  chunks.close();
  const programs = new Map<string, Range[]>();
  for (const [program, plan] of plans) {
    const named = new Map(plan.parameters.map((slot) => [slot.buffer, parameters.get(slot.name)]));
    programs.set(
      program,
      plan.buffers.map(({ space, offset, bytes, nodes }, index): Range => {
        if (space === "constant") return chunks.place(bytes, nodes.join(", "));
        if (space === "input") return { chunk: inputs.chunk, offset: inputs.offset + offset, bytes };
        if (space === "arena") return { chunk: arena.chunk, offset: arena.offset + offset, bytes };
        const parameter = named.get(index);
        if (parameter === undefined) {
          throw new VerificationError(
            `Buffer ${index} is a parameter without a name.`,
            `${program} ${index}`,
          );
        }
        return parameter;
      }),
    );
  }
  chunks.close();
  const nothing = chunks.place(16, "nothing");
  return { chunks: chunks.sizes, parameters, programs, nothing: { ...nothing, bytes: 0 } };
}

function spaceBytes({ buffers }: Plan, of: PlanBuffer["space"]): number {
  return buffers.reduce(
    (most, { space, offset, bytes }) => (space === of ? Math.max(most, offset + bytes) : most),
    0,
  );
}

/** Ranges one behind the other, in a new chunk where one is full. */
class Chunks {
  readonly sizes: number[] = [0];
  readonly #largest: number;

  constructor(largest: number) {
    this.#largest = largest;
  }

  place(bytes: number, what: string): Range {
    if (bytes > this.#largest) {
      throw new MemoryError(
        `${what} takes ${bytes} bytes; a buffer of this device has at most ${this.#largest}.`,
        bytes,
      );
    }
    if ((this.sizes.at(-1) ?? 0) + bytes > this.#largest) this.close();
    const chunk = this.sizes.length - 1;
    const offset = this.sizes[chunk] ?? 0;
    this.sizes[chunk] = offset + bytes;
    return { chunk, offset, bytes };
  }

  /** The next range starts a chunk. */
  close(): void {
    if (this.sizes.at(-1) !== 0) this.sizes.push(0);
  }
}
