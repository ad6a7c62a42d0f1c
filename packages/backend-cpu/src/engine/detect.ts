/**
 * Finds out by trying which features an engine has. A module that validates shows relaxed SIMD; whether pairs of 128-bit
 * operations really run as 256-bit ones shows in no result, only in time: `wide` says that the engine was asked. V8 has had
 * the revectorizer for as long as it has had relaxed SIMD as a matter of course, and prints an error when asked before.
 */

import { VerificationError } from "@adjoint/core";
import { FunctionBody } from "../wasm/function.js";
import { ModuleBuilder } from "../wasm/module.js";
import { type Division, type Features, tiles } from "./features.js";
import { processors, setEngineFlag } from "./host.js";

/** What a user wants; what is left out is found out. */
export interface CpuOptions {
  /** Fused multiply-add; false keeps to what every engine computes alike. Default: wherever the engine has it. */
  readonly relaxedSimd?: boolean;
  /**
   * 256-bit registers through V8's revectorizer: sets an experimental flag of the whole process, for good. Default: false.
   */
  readonly wide?: boolean;
  /** At most so many threads, the calling one among them. Default: as many as processors, eight at most. */
  readonly threads?: number;
  /** Values computed by a kernel from which on threads divide it; fewer take less time than waiting for each other. */
  readonly divideFrom?: number;
}

/** What was found, and why not more. */
export interface Detected {
  readonly features: Features;
  readonly division: Division;
  readonly reasons: Readonly<Record<string, string>>;
}

const mostThreads = 8;
const mostThreadsAsked = 256;
/** Computing so many values takes a few times as long as waiting for a thread. */
const worthDividing = 100_000;
const relaxedFlag = "--experimental-wasm-relaxed-simd";
const wideFlag = "--experimental-wasm-revectorize";

/**
 * A module with an addition in a constant expression. V8 shipped it together with relaxed SIMD: it tells engines that have that
 * as a matter of course from those where it was unlocked, perhaps by an earlier call.
 */
const extendedConstant = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x06, 0x09, 0x01, 0x7f, 0x00, 0x41, 0x01, 0x41, 0x01, 0x6a,
  0x0b,
]);

export function detect({ relaxedSimd, wide, threads, divideFrom = worthDividing }: CpuOptions): Detected {
  check("threads", threads ?? 1, Number.isSafeInteger(threads ?? 1), 1, mostThreadsAsked);
  check("divideFrom", divideFrom, !Number.isNaN(divideFrom), 0, Number.POSITIVE_INFINITY);
  const reasons: { [feature: string]: string } = {};
  const modern = WebAssembly.validate(extendedConstant);
  const fused = relaxedSimd !== false && (WebAssembly.validate(relaxedModule()) || unlocksRelaxedSimd());
  if (relaxedSimd === false) reasons["relaxedSimd"] = "switched off";
  else if (!fused) reasons["relaxedSimd"] = "the engine has no relaxed SIMD";
  let pairs = false;
  if (wide !== true) reasons["wide"] = "not asked for: cpu({ wide: true })";
  else if (!fused) reasons["wide"] = "needs relaxed SIMD";
  else if (!modern || !setEngineFlag(wideFlag)) reasons["wide"] = "the engine has no revectorizer";
  else pairs = true;
  const shared = sharesMemory();
  const count = threads ?? Math.min(mostThreads, processors());
  if (!shared) reasons["threads"] = "memory cannot be shared: browsers ask for cross-origin isolation";
  const fusedTile = modern ? tiles.relaxed : tiles.unlocked;
  const tile = pairs ? tiles.wide : fused ? fusedTile : tiles.plain;
  const division = { threads: shared ? count : 1, from: divideFrom };
  return { features: { relaxedSimd: fused, wide: pairs, tile }, division, reasons };
}

/** JavaScript callers can pass anything. */
function check(option: string, value: unknown, isNumber: boolean, least: number, most: number): void {
  if (typeof value === "number" && isNumber && value >= least && value <= most) return;
  throw new VerificationError(
    `cpu: ${option} must be a number from ${least} to ${most}, not ${String(value)}.`,
    option,
  );
}

function unlocksRelaxedSimd(): boolean {
  return setEngineFlag(relaxedFlag) && WebAssembly.validate(relaxedModule());
}

/** A function that uses what is looked for. */
function relaxedModule(): Uint8Array<ArrayBuffer> {
  const body = new FunctionBody({ params: [], results: [] });
  for (let operand = 0; operand < 3; operand++) body.v128(new Uint8Array(16));
  body.op("f32x4.relaxed_madd");
  body.op("drop");
  const module = new ModuleBuilder();
  module.export("run", module.add(body));
  return module.done({ pages: 0, shared: false });
}

/** The next lesser features after these have failed their test; undefined after the least. */
export function without({ features, division, reasons }: Detected): Detected | undefined {
  const failed = "failed its self-test against plain arithmetic";
  if (features.wide) {
    const lesser = { ...features, wide: false, tile: tiles.relaxed };
    return { features: lesser, division, reasons: { ...reasons, wide: failed } };
  }
  if (!features.relaxedSimd) return undefined;
  const least = { ...features, relaxedSimd: false, tile: tiles.plain };
  return { features: least, division, reasons: { ...reasons, relaxedSimd: failed } };
}

function sharesMemory(): boolean {
  const isolated: unknown = Reflect.get(globalThis, "crossOriginIsolated");
  return typeof SharedArrayBuffer === "function" && isolated !== false;
}
