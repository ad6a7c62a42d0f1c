/**
 * Affine values kept up to date by addition: the addresses and bounds of accesses. One ramp serves all accesses that
 * differ only by a constant; a loop advances those that move on its axis. It refuses to know what they are used for.
 */

import type { FunctionBody } from "../wasm/function.js";
import type { Part } from "./part.js";

/** Per axis, how far the value moves. */
type Strides = readonly number[];

export interface Ramp {
  readonly strides: Strides;
  /**
   * Whether partial sums can leave [0, 2^32), because a stride is negative or a guard forbids some positions.
   * Then only the full sum, modulo 2^32, is an address: constants must be added, not left to the instruction.
   */
  readonly exact: boolean;
  /** The part that loops and the base address have contributed, if any, and the rest. */
  local: number | undefined;
  constant: number;
}

interface Entry {
  readonly ramp: Ramp;
  readonly local: number | undefined;
  readonly constant: number;
}

export class Ramps {
  readonly #body: FunctionBody;
  readonly #ramps = new Map<string, Ramp>();

  constructor(body: FunctionBody) {
    this.#body = body;
  }

  /** The ramp with these strides from a base local and a constant, made before any loop is entered. */
  of(strides: Strides, base: number | undefined, constant: number, exact: boolean): Ramp {
    const key = `${base ?? ""} ${constant} ${exact} ${strides.join()}`;
    const found = this.#ramps.get(key);
    if (found !== undefined) return found;
    const ramp = { strides, exact, local: base, constant };
    this.#ramps.set(key, ramp);
    return ramp;
  }

  /** Leaves the value plus `extra` on the stack, but for a remainder that an instruction can add. */
  push(ramp: Ramp, extra: number): number {
    const constant = ramp.constant + extra;
    if (ramp.local === undefined) {
      this.#body.i32(constant);
      return 0;
    }
    this.#body.get(ramp.local);
    if (!ramp.exact && constant >= 0) return constant;
    this.#add(constant);
    return 0;
  }

  /** Begins a part of a loop over an axis. */
  enter(axis: number, part: Part): readonly Entry[] {
    const entries: Entry[] = [];
    for (const ramp of this.#ramps.values()) {
      const stride = ramp.strides[axis] ?? 0;
      if (stride === 0) continue;
      entries.push({ ramp, local: ramp.local, constant: ramp.constant });
      ramp.constant += stride * part.base;
      if (part.count > 1) this.#begin(ramp);
    }
    return entries;
  }

  /** Begins code at a position on an axis that a local holds. */
  place(axis: number, position: number): readonly Entry[] {
    const entries: Entry[] = [];
    for (const ramp of this.#ramps.values()) {
      const stride = ramp.strides[axis] ?? 0;
      if (stride === 0) continue;
      entries.push({ ramp, local: ramp.local, constant: ramp.constant });
      this.#begin(ramp);
      if (ramp.local !== undefined) this.#move(ramp.local, position, stride);
    }
    return entries;
  }

  /** Moves what `enter` began to a later position of its part, which a local holds. */
  skip(entries: readonly Entry[], axis: number, position: number): void {
    for (const { ramp } of entries) {
      if (ramp.local !== undefined) this.#move(ramp.local, position, ramp.strides[axis] ?? 0);
    }
  }

  /** Goes on to the next iteration. */
  advance(entries: readonly Entry[], axis: number, part: Part): void {
    for (const { ramp } of entries) {
      if (ramp.local === undefined) continue;
      this.#body.get(ramp.local);
      this.#add((ramp.strides[axis] ?? 0) * part.factor);
      this.#body.set(ramp.local);
    }
  }

  /** Ends what `enter` or `place` began; `moved` unless positions were constant. */
  leave(entries: readonly Entry[], moved: boolean): void {
    for (const { ramp, local, constant } of entries) {
      if (moved && ramp.local !== undefined) this.#body.release(ramp.local);
      ramp.local = local;
      ramp.constant = constant;
    }
  }

  #begin(ramp: Ramp): void {
    const local = this.#body.local("i32");
    if (ramp.local === undefined) {
      this.#body.i32(ramp.constant);
      ramp.constant = 0;
    } else {
      this.#body.get(ramp.local);
      if (ramp.exact || ramp.constant < 0) {
        this.#add(ramp.constant);
        ramp.constant = 0;
      }
    }
    this.#body.set(local);
    ramp.local = local;
  }

  /** local ← local + position · stride */
  #move(local: number, position: number, stride: number): void {
    this.#body.get(local);
    this.#body.get(position);
    this.#body.i32(stride);
    this.#body.op("i32.mul");
    this.#body.op("i32.add");
    this.#body.set(local);
  }

  #add(constant: number): void {
    if (constant === 0) return;
    this.#body.i32(constant);
    this.#body.op("i32.add");
  }
}
