/**
 * Finds out by trying which features an engine has. A module that validates shows relaxed SIMD; whether pairs of 128-bit
 * operations really run as 256-bit ones shows in no result, only in time: `wide` says that the engine was asked.
 */

import { FunctionBody } from "../wasm/function.js";
import { ModuleBuilder } from "../wasm/module.js";
import { type Features, tiles } from "./features.js";
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
}

/** What was found, and why not more. */
export interface Detected {
  readonly features: Features;
  readonly threads: number;
  readonly reasons: Readonly<Record<string, string>>;
}

const mostThreads = 8;
const relaxedFlag = "--experimental-wasm-relaxed-simd";
const wideFlag = "--experimental-wasm-revectorize";

export function detect({ relaxedSimd, wide, threads }: CpuOptions): Detected {
  const reasons: { [feature: string]: string } = {};
  const native = WebAssembly.validate(relaxedModule());
  const fused = relaxedSimd !== false && (native || unlocksRelaxedSimd());
  if (relaxedSimd === false) reasons["relaxedSimd"] = "switched off";
  else if (!fused) reasons["relaxedSimd"] = "the engine has no relaxed SIMD";
  let pairs = false;
  if (wide !== true) reasons["wide"] = "not asked for: cpu({ wide: true })";
  else if (!fused) reasons["wide"] = "needs relaxed SIMD";
  else if (!hasRevectorizer()) reasons["wide"] = "the engine has no revectorizer";
  else pairs = true;
  const shared = sharesMemory();
  const count = Math.max(1, Math.floor(threads ?? Math.min(mostThreads, processors())));
  if (!shared) reasons["threads"] = "memory cannot be shared: browsers ask for cross-origin isolation";
  const tile = pairs ? tiles.wide : fused && native ? tiles.relaxed : tiles.plain;
  return { features: { relaxedSimd: fused, wide: pairs, tile }, threads: shared ? count : 1, reasons };
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

/** Engines with relaxed SIMD but without the flag ignore it; those without it at all cannot be asked. */
function hasRevectorizer(): boolean {
  return setEngineFlag(wideFlag);
}

function sharesMemory(): boolean {
  const isolated: unknown = Reflect.get(globalThis, "crossOriginIsolated");
  return typeof SharedArrayBuffer === "function" && isolated !== false;
}
