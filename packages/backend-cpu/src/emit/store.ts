/** Stores at the current point: one value, or the lanes of a group, where the guards hold. */

import type { DType } from "@adjoint/core";
import { type Combine, combines } from "@adjoint/core/kernel";
import { loadGroup, storeGroup } from "./access.js";
import type { Addresses } from "./address.js";
import { cpuDType, machineOf } from "./code/primitive.js";
import type { Vector } from "./code/register.js";
import { converted, registersFor } from "./code/register.js";
import { scalarCode } from "./code/scalar.js";
import { onLocals, onVectors } from "./code/site.js";
import { vectorCode } from "./code/vector.js";
import type { Frame } from "./frame.js";
import { formOf, pushAll, pushEnds, toMask } from "./load.js";
import type { NestStore } from "./nest/nest.js";

export function emitStore(frame: Frame, addresses: Addresses, store: NestStore): void {
  if (frame.demand.varies(store.axes)) storeLanes(frame, addresses, store);
  else {
    // What does not differ between lanes is stored once, but combined as often as there are lanes.
    const times = store.combine === undefined ? 1 : frame.laneCount;
    for (let time = 0; time < times; time++) {
      guarded(frame, addresses, store, 0, () => {
        storeSingle(frame, addresses, store, 0, () => frame.pushScalar(store.value));
      });
    }
  }
}

function guarded(frame: Frame, addresses: Addresses, store: NestStore, lane: number, take: () => void): void {
  if (store.guards.length === 0) {
    take();
    return;
  }
  pushAll(frame, addresses, store.guards, lane);
  frame.body.branch(undefined, take);
}

/** Stores or combines one value; `push` leaves it on the stack. */
function storeSingle(
  frame: Frame,
  addresses: Addresses,
  store: NestStore,
  lane: number,
  push: () => void,
): void {
  const { body } = frame;
  const { dtype } = store.value;
  const machine = machineOf(dtype);
  const offset = addresses.push(store, lane);
  if (store.combine === undefined) {
    push();
    body.access(machine.store, offset);
    return;
  }
  const address = body.local("i32");
  const old = body.local(machine.type);
  const operand = body.local(machine.type);
  body.tee(address);
  body.get(address);
  body.access(machine.load, offset);
  body.set(old);
  push();
  body.set(operand);
  scalarCode[combineOp(store.combine)](onLocals(body, dtype, [old, operand]));
  body.access(machine.store, offset);
  for (const local of [address, old, operand]) body.release(local);
}

export function combineOp(combine: Combine): "add" | "mul" | "min" | "max" | "and" | "or" {
  return combines[combine].op;
}

function storeLanes(frame: Frame, addresses: Addresses, store: NestStore): void {
  const { body, demand } = frame;
  const lanes = frame.laneCount;
  const { dtype } = store.value;
  const { bytes } = machineOf(dtype);
  converted(body, [frame.vector(store.value)], lanes, bytes, ([value]) => {
    if (value === undefined) return;
    const eachLane = (): void => {
      for (let lane = 0; lane < lanes; lane++) {
        guarded(frame, addresses, store, lane, () => {
          storeSingle(frame, addresses, store, lane, () => pushLane(frame, dtype, value, lane));
        });
      }
    };
    const together = (): void => neighbors(frame, addresses, store, value, lanes, bytes);
    if (formOf(frame, store) !== "neighbors") eachLane();
    else if (store.guards.length === 0) together();
    else if (store.guards.some((guard) => demand.varies(guard.axes))) {
      pushEnds(frame, addresses, store.guards, lanes);
      body.branch(undefined, together, eachLane);
    } else {
      pushAll(frame, addresses, store.guards);
      body.branch(undefined, together);
    }
  });
}

/** Leaves one lane on the stack as it is stored. */
export function pushLane({ body }: Frame, dtype: DType, { registers, bytes }: Vector, lane: number): void {
  const perRegister = 16 / bytes;
  body.get(registers[Math.floor(lane / perRegister)] ?? 0);
  body.lane(extract[cpuDType(dtype)], lane % perRegister);
  if (dtype !== "bool") return;
  body.i32(1);
  body.op("i32.and");
}

const extract = {
  float32: "f32x4.extract_lane",
  float64: "f64x2.extract_lane",
  int32: "i32x4.extract_lane",
  uint32: "i32x4.extract_lane",
  bool: "i32x4.extract_lane",
} as const;

function neighbors(
  frame: Frame,
  addresses: Addresses,
  store: NestStore,
  value: Vector,
  lanes: number,
  bytes: 4 | 8,
): void {
  const { body } = frame;
  const { dtype } = store.value;
  const address = body.local("i32");
  const offset = addresses.push(store);
  body.set(address);
  const made: number[] = [];
  let stored = value.registers;
  if (store.combine !== undefined) {
    const old = registersFor(body, lanes, bytes);
    loadGroup(body, { address, offset }, old, lanes, bytes);
    const inputs = [toMask(frame, dtype, { registers: old, bytes }), value];
    const site = onVectors(body, { lanes, dtype, inputs, into: old });
    stored = vectorCode[combineOp(store.combine)](site).registers;
    made.push(...old);
  }
  if (dtype === "bool") {
    const words = registersFor(body, lanes, bytes);
    for (const [index, register] of words.entries()) {
      body.get(stored[index] ?? 0);
      body.i32(1);
      body.op("i32x4.splat");
      body.op("v128.and");
      body.set(register);
    }
    stored = words;
    made.push(...words);
  }
  storeGroup(body, { address, offset }, stored, lanes, bytes);
  for (const local of [address, ...made]) body.release(local);
}
