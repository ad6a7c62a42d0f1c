/** Addresses and guards of accesses at the current point, lane by lane. It refuses to load or store. */

import { type DType, dtypes } from "@adjoint/core";
import { rangeOfAffine } from "@adjoint/core/kernel";
import type { Frame } from "./frame.js";
import type { GuardNode, Node, Place, WithinNode } from "./nest/node.js";
import type { Ramp } from "./ramp.js";

export class Addresses {
  readonly #frame: Frame;
  readonly #places = new Map<Place, { readonly ramp: Ramp; readonly rest: number }>();
  readonly #bounds = new Map<WithinNode, Ramp>();

  constructor(frame: Frame) {
    this.#frame = frame;
  }

  /** Makes an access known before the first loop, so that every loop advances its address and bounds. */
  register(place: Place): void {
    if (this.#places.has(place)) return;
    const { offset, strides } = place.offset;
    const bytes = this.bytesOf(place);
    const exact = this.#isExact(place);
    const ramp = this.#frame.ramps.of(
      strides.map((stride) => stride * bytes),
      place.buffer,
      exact ? offset * bytes : 0,
      exact,
    );
    this.#places.set(place, { ramp, rest: exact ? 0 : offset * bytes });
    for (const guard of place.guards) {
      if (guard.kind !== "within" || this.#bounds.has(guard)) continue;
      const { value } = guard;
      this.#bounds.set(guard, this.#frame.ramps.of(value.strides, undefined, value.offset, true));
    }
  }

  dtypeOf(place: Place): DType {
    return this.#frame.nest.buffers[place.buffer]?.dtype ?? "float32";
  }

  bytesOf(place: Place): number {
    return dtypes[this.dtypeOf(place)].bytes;
  }

  /** Leaves the address of a lane on the stack, but for the returned offset that the access adds. */
  push(place: Place, lane = 0): number {
    const { body } = this.#frame;
    const known = this.#places.get(place);
    if (known === undefined) return 0;
    const offset = this.#frame.ramps.push(known.ramp, known.rest + this.#shift(known.ramp.strides, lane));
    for (const { index, stride } of place.indirect) {
      this.#pushIndex(index, lane);
      body.i32(stride * this.bytesOf(place));
      body.op("i32.mul");
      body.op("i32.add");
    }
    return offset;
  }

  /** Leaves on the stack whether a guard holds in a lane. */
  pushGuard(guard: GuardNode, lane = 0): void {
    const { body } = this.#frame;
    if (guard.kind === "inside") this.#pushIndex(guard.index, lane);
    else {
      const ramp = this.#bounds.get(guard);
      if (ramp !== undefined) this.#frame.ramps.push(ramp, this.#shift(ramp.strides, lane));
    }
    body.i32(guard.extent);
    body.op("i32.lt_u");
  }

  #pushIndex(index: Node, lane: number): void {
    const { body, demand } = this.#frame;
    if (!demand.varies(index.axes)) {
      this.#frame.pushScalar(index);
      return;
    }
    body.get(this.#frame.vector(index).registers[0] ?? 0);
    body.lane("i32x4.extract_lane", lane);
  }

  /** How far the current point of the tile, and a lane of it, are from its first point. */
  #shift(strides: readonly number[], lane: number): number {
    const { axes, tiling, lanes } = this.#frame;
    let sum = lanes === undefined ? 0 : lane * (strides[lanes] ?? 0);
    for (const axis of tiling.factors.keys()) sum += (strides[axis] ?? 0) * (axes[axis]?.point ?? 0);
    return sum;
  }

  /** See `Ramp.exact`. */
  #isExact({ buffer, offset, indirect }: Place): boolean {
    const { low, high } = rangeOfAffine(offset, this.#frame.nest.extents);
    const steps = [offset.offset, ...offset.strides, ...indirect.map(({ stride }) => stride)];
    return low < 0 || high >= (this.#frame.nest.buffers[buffer]?.size ?? 0) || steps.some((step) => step < 0);
  }
}
