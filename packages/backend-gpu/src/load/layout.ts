/**
 * Where everything lies on the device: chunks of memory, each a buffer of its own. Parameters (one copy per name), constants,
 * inputs and the arena fill as many chunks as a device's limits force; inputs and the arena are as large as the plan with most.
 * It refuses to create anything.
 */

import { type DType, MemoryError, sizeOf, VerificationError } from "@adjoint/core";
import type { Plan, PlanBuffer } from "@adjoint/scheduler/plan";
import { spansOf } from "./spans.js";

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
  const parameters = placeParameters(plans, chunks);
  chunks.close();
  const inputs = new SharedSpace("input", chunks);
  const arena = new SharedSpace("arena", chunks);
  const shared = [...plans].map(([program, plan]) => ({
    program,
    plan,
    placed: [...inputs.of(plan), ...arena.of(plan)],
  }));
  const programs = new Map<string, readonly Range[]>();
  for (const { program, plan, placed } of shared) {
    const ranges = new Map<PlanBuffer, Range>(placed);
    for (const { name, buffer } of plan.parameters) {
      const [range, at] = [parameters.get(name), plan.buffers[buffer]];
      if (range !== undefined && at !== undefined) ranges.set(at, range);
    }
    programs.set(
      program,
      plan.buffers.map((buffer, index): Range => {
        if (buffer.space === "constant") return chunks.place(buffer.bytes, buffer.nodes.join(", "));
        const range = ranges.get(buffer);
        if (range !== undefined) return range;
        throw new VerificationError(`Buffer ${index} is a parameter without a name.`, `${program} ${index}`);
      }),
    );
  }
  chunks.close();
  const nothing = chunks.place(16, "nothing");
  return { chunks: chunks.sizes, parameters, programs, nothing: { ...nothing, bytes: 0 } };
}

function placeParameters(plans: ReadonlyMap<string, Plan>, chunks: Chunks): ReadonlyMap<string, Placed> {
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
  return parameters;
}

/** A space of which there is one for all plans: chunks that are as large as the plan with most there. */
class SharedSpace {
  readonly #space: PlanBuffer["space"];
  readonly #chunks: Chunks;
  readonly #own: number[] = [];

  constructor(space: PlanBuffer["space"], chunks: Chunks) {
    this.#space = space;
    this.#chunks = chunks;
  }

  /** The ranges of a plan's buffers in this space. */
  of(plan: Plan): (readonly [PlanBuffer, Range])[] {
    const buffers = plan.buffers.filter(({ space }) => space === this.#space);
    return spansOf(buffers, this.#chunks.largest).flatMap(({ from, to, members }, position) => {
      const chunk = this.#own[position] ?? this.#chunks.reserve();
      this.#own[position] = chunk;
      this.#chunks.extend(chunk, to - from);
      return members.map((buffer): readonly [PlanBuffer, Range] => [
        buffer,
        { chunk, offset: buffer.offset - from, bytes: buffer.bytes },
      ]);
    });
  }
}

/** Ranges one behind the other, in a new chunk where one is full. */
class Chunks {
  readonly sizes: number[] = [0];
  readonly largest: number;
  /** The chunk that is being filled. */
  #open = 0;

  constructor(largest: number) {
    this.largest = largest;
  }

  place(bytes: number, what: string): Range {
    if (bytes > this.largest) {
      throw new MemoryError(
        `${what} takes ${bytes} bytes; a buffer of this device has at most ${this.largest}.`,
        bytes,
      );
    }
    if ((this.sizes[this.#open] ?? 0) + bytes > this.largest) this.close();
    const offset = this.sizes[this.#open] ?? 0;
    this.sizes[this.#open] = offset + bytes;
    return { chunk: this.#open, offset, bytes };
  }

  /** The next range starts a chunk. */
  close(): void {
    if (this.sizes[this.#open] !== 0) this.#open = this.reserve();
  }

  /** A chunk of its own, for who extends it. */
  reserve(): number {
    return this.sizes.push(0) - 1;
  }

  extend(chunk: number, bytes: number): void {
    this.sizes[chunk] = Math.max(this.sizes[chunk] ?? 0, bytes);
  }
}
