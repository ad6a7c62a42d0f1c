/**
 * Loads at the current point: one value, or the lanes of a group. A guard that fails yields the fill; nothing outside
 * the buffer is touched.
 */

import type { DType } from "@adjoint/core";
import { loadGroup, loadLane } from "./access.js";
import type { Addresses } from "./address.js";
import { machineOf } from "./code/primitive.js";
import type { Vector } from "./code/register.js";
import { registersFor } from "./code/register.js";
import type { Frame } from "./frame.js";
import type { GuardNode, LoadNode, Place } from "./nest/node.js";
import type { Value } from "./scope.js";

/** A load that is the same in all lanes. */
export function loadSingle(frame: Frame, addresses: Addresses, load: LoadNode): Value {
  const { body, demand } = frame;
  const machine = machineOf(load.dtype);
  if (load.guards.length === 0 && !demand.scalar.has(load) && load.dtype !== "bool") {
    const register = body.local("v128");
    body.access(machine.loadSplat, addresses.push(load));
    body.set(register);
    const count = (frame.tiling.width * machine.bytes) / 16;
    return {
      vector: { registers: new Array<number>(Math.ceil(count)).fill(register), bytes: machine.bytes },
    };
  }
  const local = body.local(machine.type);
  const take = (): void => body.access(machine.load, addresses.push(load));
  if (load.guards.length === 0) take();
  else {
    pushAll(frame, addresses, load.guards);
    body.branch(machine.type, take, () => body[machine.type](load.fill));
  }
  body.set(local);
  return { scalar: local };
}

/** Leaves on the stack whether all guards hold; those that are the same in all lanes come from their nodes. */
export function pushAll(frame: Frame, addresses: Addresses, guards: readonly GuardNode[], lane = 0): void {
  const { body, demand } = frame;
  for (const [position, guard] of guards.entries()) {
    if (demand.varies(guard.axes)) addresses.pushGuard(guard, lane);
    else frame.pushScalar(guard);
    if (position > 0) body.op("i32.and");
  }
  if (guards.length === 0) body.i32(1);
}

/** How an access in lanes can be done. */
export type Form = "neighbors" | "spaced" | "lanes";

/** `neighbors` and `spaced` need one address; `lanes` computes an address, and its guards, for each lane. */
export function formOf(frame: Frame, place: Place): Form {
  const { demand, lanes } = frame;
  const computed = place.indirect.some(({ index }) => demand.varies(index.axes));
  const varying = place.guards.some((guard) => demand.varies(guard.axes));
  const stride = place.offset.strides[lanes ?? -1] ?? 0;
  if (computed) return "lanes";
  if (stride === 1) return "neighbors";
  return varying || stride === 0 ? "lanes" : "spaced";
}

export function loadLanes(frame: Frame, addresses: Addresses, load: LoadNode): Vector {
  const { body, demand } = frame;
  const lanes = frame.laneCount;
  const { bytes } = machineOf(load.dtype);
  const registers = registersFor(body, lanes, bytes);
  const form = formOf(frame, load);
  const uniform = load.guards.filter((guard) => !demand.varies(guard.axes));
  const together = (): void => {
    if (form === "neighbors") fromNeighbors(frame, addresses, load, registers, lanes, bytes);
    else if (form === "spaced") fromSpaced(frame, addresses, load, registers, lanes, bytes);
    else oneByOne(frame, addresses, load, registers, lanes, bytes);
  };
  const fill = (): void => fillAll(frame, load, registers);
  if (load.guards.length === 0) together();
  else if (form === "lanes") {
    fill();
    oneByOne(frame, addresses, load, registers, lanes, bytes);
  } else if (uniform.length === load.guards.length) {
    pushAll(frame, addresses, load.guards);
    body.branch(undefined, together, fill);
  } else {
    pushEnds(frame, addresses, load.guards, lanes);
    body.branch(undefined, together, () => {
      fill();
      oneByOne(frame, addresses, load, registers, lanes, bytes);
    });
  }
  return toMask(frame, load.dtype, { registers, bytes });
}

/** Whether all guards hold in the first and the last lane: affine bounds then hold in those between. */
export function pushEnds(
  frame: Frame,
  addresses: Addresses,
  guards: readonly GuardNode[],
  lanes: number,
): void {
  const { body, demand } = frame;
  pushAll(frame, addresses, guards);
  const varying = guards.filter((guard) => demand.varies(guard.axes));
  if (lanes === 1) return;
  pushAll(frame, addresses, varying, lanes - 1);
  body.op("i32.and");
}

function fillAll({ body }: Frame, load: LoadNode, registers: readonly number[]): void {
  const { type, splat } = machineOf(load.dtype);
  for (const register of registers) {
    body[type](load.fill);
    body.op(splat);
    body.set(register);
  }
}

function fromNeighbors(
  { body }: Frame,
  addresses: Addresses,
  load: LoadNode,
  registers: readonly number[],
  lanes: number,
  bytes: 4 | 8,
): void {
  const address = body.local("i32");
  const offset = addresses.push(load);
  body.set(address);
  loadGroup(body, { address, offset }, registers, lanes, bytes);
  body.release(address);
}

/** From the lane with the lowest address on, so that offsets are positive. */
function fromSpaced(
  frame: Frame,
  addresses: Addresses,
  load: LoadNode,
  registers: readonly number[],
  lanes: number,
  bytes: 4 | 8,
): void {
  const { body } = frame;
  const stride = (load.offset.strides[frame.lanes ?? -1] ?? 0) * bytes;
  const lowest = stride < 0 ? lanes - 1 : 0;
  const address = body.local("i32");
  const offset = addresses.push(load, lowest);
  body.set(address);
  clear(frame, registers);
  for (let lane = 0; lane < lanes; lane++) {
    const push = (): number => {
      body.get(address);
      return offset + (lane - lowest) * stride;
    };
    loadLane(body, push, registers, lane, bytes);
  }
  body.release(address);
}

function clear({ body }: Frame, registers: readonly number[]): void {
  for (const register of registers) {
    body.v128(new Uint8Array(16));
    body.set(register);
  }
}

/** Each lane where its guards hold; the others keep what is in the registers. */
function oneByOne(
  frame: Frame,
  addresses: Addresses,
  load: LoadNode,
  registers: readonly number[],
  lanes: number,
  bytes: 4 | 8,
): void {
  const { body } = frame;
  for (let lane = 0; lane < lanes; lane++) {
    const take = (): void => loadLane(body, () => addresses.push(load, lane), registers, lane, bytes);
    if (load.guards.length === 0) take();
    else {
      pushAll(frame, addresses, load.guards, lane);
      body.branch(undefined, take);
    }
  }
}

/** Stored bools are words 0 and 1; in registers they are masks. */
export function toMask({ body }: Frame, dtype: DType, vector: Vector): Vector {
  if (dtype !== "bool") return vector;
  for (const register of vector.registers) {
    body.get(register);
    body.v128(new Uint8Array(16));
    body.op("i32x4.ne");
    body.set(register);
  }
  return vector;
}
