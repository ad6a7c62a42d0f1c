/** Loads and stores of a whole group of lanes, at neighboring or evenly spaced addresses. It refuses guards. */

import type { FunctionBody } from "../wasm/function.js";

/** Where a group starts: a local with the address, and an offset. */
export interface Start {
  readonly address: number;
  readonly offset: number;
}

/** Loads lanes that are next to each other; never reads past the last one. */
export function loadGroup(
  body: FunctionBody,
  { address, offset }: Start,
  into: readonly number[],
  lanes: number,
  bytes: 4 | 8,
): void {
  const perRegister = 16 / bytes;
  for (const [index, register] of into.entries()) {
    const at = offset + 16 * index;
    const count = Math.min(perRegister, lanes - index * perRegister);
    body.get(address);
    if (count === perRegister) body.access("v128.load", at);
    else if (count * bytes === 4) body.access("v128.load32_zero", at);
    else body.access("v128.load64_zero", at);
    body.set(register);
    if (count * bytes === 12) {
      body.get(address);
      body.get(register);
      body.laneAccess("v128.load32_lane", at + 8, 2);
      body.set(register);
    }
  }
}

/** Stores lanes next to each other; never writes past the last one. */
export function storeGroup(
  body: FunctionBody,
  { address, offset }: Start,
  from: readonly number[],
  lanes: number,
  bytes: 4 | 8,
): void {
  const perRegister = 16 / bytes;
  for (const [index, register] of from.entries()) {
    const at = offset + 16 * index;
    const count = Math.min(perRegister, lanes - index * perRegister);
    body.get(address);
    body.get(register);
    if (count === perRegister) body.access("v128.store", at);
    else if (count * bytes === 4) body.laneAccess("v128.store32_lane", at, 0);
    else body.laneAccess("v128.store64_lane", at, 0);
    if (count * bytes === 12) {
      body.get(address);
      body.get(register);
      body.laneAccess("v128.store32_lane", at + 8, 2);
    }
  }
}

/** Loads one lane; the address is pushed by `push`, which returns an offset. */
export function loadLane(
  body: FunctionBody,
  push: () => number,
  into: readonly number[],
  lane: number,
  bytes: 4 | 8,
): void {
  const [register, position] = laneOf(into, lane, bytes);
  const offset = push();
  body.get(register);
  body.laneAccess(bytes === 4 ? "v128.load32_lane" : "v128.load64_lane", offset, position);
  body.set(register);
}

/** Stores one lane; the address is pushed by `push`, which returns an offset. */
export function storeLane(
  body: FunctionBody,
  push: () => number,
  from: readonly number[],
  lane: number,
  bytes: 4 | 8,
): void {
  const [register, position] = laneOf(from, lane, bytes);
  const offset = push();
  body.get(register);
  body.laneAccess(bytes === 4 ? "v128.store32_lane" : "v128.store64_lane", offset, position);
}

/** The register and the position in it of a lane. */
export function laneOf(registers: readonly number[], lane: number, bytes: 4 | 8): [number, number] {
  const perRegister = 16 / bytes;
  return [registers[Math.floor(lane / perRegister)] ?? 0, lane % perRegister];
}
