/**
 * The body of one WebAssembly function: typed locals that are reused once released, structured control,
 * and one method per form of instruction. It refuses to check types: the engine validates.
 */

import { Bytes } from "./bytes.js";
import {
  type Access,
  type Atomic,
  accesses,
  atomics,
  type LaneAccess,
  type LaneInstruction,
  laneAccesses,
  lanes,
  type Plain,
  plain,
} from "./instructions.js";
import { type FunctionType, type ValueType, valueTypes } from "./types.js";

const end = 0x0b;
const elseCode = 0x05;
const emptyBlock = 0x40;

export class FunctionBody {
  readonly type: FunctionType;
  readonly #code = new Bytes();
  readonly #locals: ValueType[] = [];
  readonly #free: Record<ValueType, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };

  constructor(type: FunctionType) {
    this.type = type;
  }

  /** Bytes of code so far. */
  get size(): number {
    return this.#code.length;
  }

  /** A local of the type, holding anything. */
  local(type: ValueType): number {
    const free = this.#free[type].pop();
    if (free !== undefined) return free;
    this.#locals.push(type);
    return this.type.params.length + this.#locals.length - 1;
  }

  /** Gives a local back for reuse. */
  release(local: number): void {
    const type = this.#locals[local - this.type.params.length];
    if (type !== undefined) this.#free[type].push(local);
  }

  get(local: number): void {
    this.#code.byte(0x20);
    this.#code.unsigned(local);
  }

  set(local: number): void {
    this.#code.byte(0x21);
    this.#code.unsigned(local);
  }

  tee(local: number): void {
    this.#code.byte(0x22);
    this.#code.unsigned(local);
  }

  /** local ← local + amount, for an i32. */
  increase(local: number, amount: number): void {
    this.get(local);
    this.i32(amount);
    this.op("i32.add");
    this.set(local);
  }

  op(name: Plain): void {
    this.#opcode(plain[name]);
  }

  i32(value: number): void {
    this.#code.byte(0x41);
    this.#code.signed(value | 0);
  }

  /** An i64 constant within ±2^31. */
  i64(value: number): void {
    this.#code.byte(0x42);
    this.#code.signed(value | 0);
  }

  f32(value: number): void {
    this.#code.byte(0x43);
    this.#code.float32(value);
  }

  f64(value: number): void {
    this.#code.byte(0x44);
    this.#code.float64(value);
  }

  /** A vector constant of 16 bytes. */
  v128(bytes: Uint8Array): void {
    this.#opcode(0xfd000c);
    this.#code.append(bytes);
  }

  /** The 16 bytes of two vectors that make up the result. */
  shuffle(picks: readonly number[]): void {
    this.#opcode(0xfd000d);
    for (const pick of picks) this.#code.byte(pick);
  }

  access(name: Access, offset: number): void {
    const { code, align } = accesses[name];
    this.#opcode(code);
    this.#code.unsigned(align);
    this.#code.unsigned(offset);
  }

  atomic(name: Atomic, offset: number): void {
    const { code, align } = atomics[name];
    this.#opcode(code);
    this.#code.unsigned(align);
    this.#code.unsigned(offset);
  }

  laneAccess(name: LaneAccess, offset: number, lane: number): void {
    const { code, align } = laneAccesses[name];
    this.#opcode(code);
    this.#code.unsigned(align);
    this.#code.unsigned(offset);
    this.#code.byte(lane);
  }

  lane(name: LaneInstruction, lane: number): void {
    this.#opcode(lanes[name]);
    this.#code.byte(lane);
  }

  call(index: number): void {
    this.#code.byte(0x10);
    this.#code.unsigned(index);
  }

  /** A loop whose body leaves on the stack whether to go round again. */
  loop(body: () => void): void {
    this.#code.byte(0x03);
    this.#code.byte(emptyBlock);
    body();
    this.#code.byte(0x0d);
    this.#code.unsigned(0);
    this.#code.byte(end);
  }

  /** Takes a condition from the stack; both branches leave one value of the result type, or nothing. */
  branch(result: ValueType | undefined, whenTrue: () => void, whenFalse?: () => void): void {
    this.#code.byte(0x04);
    this.#code.byte(result === undefined ? emptyBlock : valueTypes[result]);
    whenTrue();
    if (whenFalse !== undefined) {
      this.#code.byte(elseCode);
      whenFalse();
    }
    this.#code.byte(end);
  }

  /** The body as it stands in the code section, without its size. */
  done(): Uint8Array {
    const bytes = new Bytes();
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    bytes.unsigned(runs.length);
    for (const { type, count } of runs) {
      bytes.unsigned(count);
      bytes.byte(valueTypes[type]);
    }
    bytes.append(this.#code.done());
    bytes.byte(end);
    return bytes.done();
  }

  #opcode(code: number): void {
    if (code > 0xffff) {
      this.#code.byte(code >>> 16);
      this.#code.unsigned(code & 0xffff);
    } else this.#code.byte(code);
  }
}
