/** What is read back, and where it lies in the staging buffers, of which one may be too small for all. It refuses to copy. */

import { type DType, NameError, sizeOf } from "@adjoint/core";
import type { HostArray, Plan, TensorSlot } from "@adjoint/scheduler/plan";
import { bytesPer, fromDevice } from "./host.js";
import type { Layout, Placed } from "./layout.js";

/** A tensor to be read back. */
export interface Reading extends Placed {
  readonly name: string;
  /** Which staging buffer, and from which of its bytes on. */
  readonly bin: number;
  readonly at: number;
}

/** Staging buffers of one step. */
export interface Room {
  readonly bins: number;
  /** Bytes of each. */
  readonly bytes: number;
}

/** Room for all outputs of any program, and for any parameter. */
export function roomFor(plans: Iterable<Plan>, largest: number): Room {
  let room: Room = { bins: 1, bytes: 0 };
  for (const { outputs, parameters } of plans) {
    const needs = [outputs, ...parameters.map((parameter) => [parameter])];
    for (const slots of needs) {
      const places = packed(slots, largest);
      const bins = Math.max(room.bins, ...places.map(({ bin }) => bin + 1));
      const end = Math.max(0, ...places.map(({ at }, k) => at + stagedBytes(slots[k])));
      room = { bins, bytes: bins > 1 ? largest : Math.max(room.bytes, end) };
    }
  }
  return room;
}

/** The outputs named (all unless given). @throws NameError for one that the plan has not. */
export function readingsOf(
  program: string,
  { outputs }: Plan,
  layout: Layout,
  { bytes }: Room,
  names?: readonly string[],
): Reading[] {
  const unknown = names?.find((name) => outputs.every((output) => output.name !== name));
  if (unknown !== undefined) throw new NameError(`Program ${program} has no output ${unknown}.`, unknown);
  const wanted = outputs.filter(({ name }) => names === undefined || names.includes(name));
  const places = packed(wanted, bytes);
  return wanted.map(({ name, dtype, shape, buffer }, k): Reading => {
    const range = layout.programs.get(program)?.[buffer] ?? layout.nothing;
    return { ...range, name, dtype, size: sizeOf(shape), ...(places[k] ?? { bin: 0, at: 0 }) };
  });
}

/** Bytes that are copied for a reading. */
export function copiedBytes({ dtype, size }: Placed): number {
  return staged(dtype, size);
}

/** The readings' arrays from what is in the staging buffers. */
export function arraysOf(
  readings: readonly Reading[],
  mapped: readonly ArrayBuffer[],
): ReadonlyMap<string, HostArray> {
  return new Map(
    readings.map(({ name, dtype, size, bin, at }) => {
      const bytes = mapped[bin]?.slice(at, at + size * bytesPer(dtype)) ?? new ArrayBuffer(0);
      return [name, fromDevice(bytes, dtype, name)] as const;
    }),
  );
}

/** One behind the other, in the next buffer where one is full: fewer tensors never take more buffers. */
function packed(slots: readonly Sized[], largest: number): { readonly bin: number; readonly at: number }[] {
  let [bin, end] = [0, 0];
  return slots.map((slot) => {
    const bytes = stagedBytes(slot);
    if (end > 0 && end + bytes > largest) [bin, end] = [bin + 1, 0];
    const at = end;
    end += bytes;
    return { bin, at };
  });
}

type Sized = Pick<TensorSlot, "dtype" | "shape">;

function stagedBytes(slot: Sized | undefined): number {
  return slot === undefined ? 0 : staged(slot.dtype, sizeOf(slot.shape));
}

/** A copy may start at multiples of four, which halves of an odd number do not reach. */
function staged(dtype: DType, size: number): number {
  return Math.ceil((size * bytesPer(dtype)) / 8) * 8;
}
