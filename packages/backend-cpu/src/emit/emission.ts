/**
 * Emits kernels into a module, equal ones once, and keeps what they share: packing, finishing, micro-kernels. Every kernel
 * becomes a function (address of each buffer, address of the thread's scratch memory, number of the thread).
 * It refuses to know plans.
 */

import { VerificationError } from "@adjoint/core";
import { type Kernel, rootsOf, scalarsOf } from "@adjoint/core/kernel";
import type { Division, Features, Tile } from "../engine/features.js";
import { FunctionBody } from "../wasm/function.js";
import type { ModuleBuilder } from "../wasm/module.js";
import type { Routines } from "./code/primitive.js";
import { blockContraction } from "./contraction/blocking.js";
import { emitCorrelation } from "./contraction/correlate.js";
import { findCorrelation } from "./contraction/correlation.js";
import { type Dot, emitDot } from "./contraction/dot.js";
import { emitContraction } from "./contraction/drive.js";
import { emitGroupCopy } from "./contraction/group-copy.js";
import { type Addressing, emitMicroKernel } from "./contraction/micro.js";
import { recognize } from "./contraction/recognize.js";
import { scratchOf } from "./contraction/scratch.js";
import { emitTranspose } from "./contraction/transpose.js";
import { emitNest } from "./kernel.js";
import { kernelKey } from "./key.js";
import type { Sharing } from "./loop.js";
import type { Part } from "./part.js";
import { byResidue } from "./residues.js";

/** Engines take functions of so many parameters. */
const mostBuffers = 990;

export interface Emitted {
  /** Of the function in the module. */
  readonly index: number;
  /** Bytes of scratch memory for each thread. */
  readonly scratch: number;
  /** Whether every thread does a part of it; otherwise one thread does it all. */
  readonly divided: boolean;
  /** Values computed by one run, about. */
  readonly work: number;
}

export class Emission {
  readonly module: ModuleBuilder;
  readonly features: Features;
  readonly #division: Division;
  readonly #kernels = new Map<string, Emitted>();
  readonly #parts = new Map<string, number>();
  readonly #routines = new Map<string, number>();

  constructor(module: ModuleBuilder, features: Features, division: Division) {
    this.module = module;
    this.features = features;
    this.#division = division;
  }

  /** How many threads run the module. */
  get threads(): number {
    return this.#division.threads;
  }

  /** @throws VerificationError for a kernel with more buffers than a function has parameters. */
  kernel(kernel: Kernel): Emitted {
    const key = kernelKey(kernel);
    const known = this.#kernels.get(key);
    if (known !== undefined) return known;
    if (kernel.buffers.length > mostBuffers) {
      throw new VerificationError(
        `A kernel has ${kernel.buffers.length} buffers; the CPU backend takes ${mostBuffers}: fuse less.`,
        "kernel",
      );
    }
    const emitted = this.#emit(kernel);
    this.#kernels.set(key, emitted);
    return emitted;
  }

  /** A part of a kernel: a function (address of each buffer, position on each of the leading axes). */
  part(kernel: Kernel, given: number): number {
    const key = `${given} ${kernelKey(kernel)}`;
    const known = this.#parts.get(key);
    if (known !== undefined) return known;
    const params = kernel.buffers.length + given;
    const body = new FunctionBody({ params: new Array<"i32">(params).fill("i32"), results: [] });
    emitNest(body, kernel, { features: this.features, routine: this.#routine, given, share: undefined });
    const index = this.module.add(body);
    this.#parts.set(key, index);
    return index;
  }

  microKernel(tile: Tile, addressing: Addressing): number {
    const key = Object.values({ ...tile, ...addressing }).join();
    return this.#routine(`multiply ${key}`, () => emitMicroKernel(tile, addressing));
  }

  dot(dot: Dot): number {
    return this.#routine(`dot ${Object.values(dot).join()}`, () => emitDot(dot));
  }

  groupCopy(rows: number, stride: number): number {
    return this.#routine(`copy ${rows} ${stride}`, () => emitGroupCopy(rows, stride));
  }

  /** The parameter with the address of scratch memory. */
  scratchOf(kernel: Kernel): number {
    return kernel.buffers.length;
  }

  /**
   * Leaves on the stack how many positions from the start of a part of a loop the thread's share begins, or with `edge` 1
   * ends; `total` iterations are divided, of which `before` are in earlier parts.
   */
  pushShare(
    body: FunctionBody,
    kernel: Kernel,
    total: number,
    edge: 0 | 1,
    of: { readonly before: number; readonly part: Part },
  ): void {
    const iteration = body.local("i32");
    const { before, part } = of;
    body.i32(total);
    body.get(kernel.buffers.length + 1);
    if (edge === 1) {
      body.i32(1);
      body.op("i32.add");
    }
    body.op("i32.mul");
    body.i32(this.threads);
    body.op("i32.div_u");
    body.set(iteration);
    pushBetween(body, iteration, before, before + part.count);
    body.release(iteration);
    body.i32(before);
    body.op("i32.sub");
    body.i32(part.factor);
    body.op("i32.mul");
  }

  transpose(columns: number, stride: number, round: number): number {
    const key = `transpose ${columns} ${stride} ${round}`;
    return this.#routine(key, () => emitTranspose(columns, stride, round));
  }

  readonly #routine: Routines = (key, emit) => {
    const index = this.#routines.get(key) ?? this.module.add(emit());
    this.#routines.set(key, index);
    return index;
  };

  #sharing(body: FunctionBody, kernel: Kernel): Sharing {
    return {
      threads: this.threads,
      push: (total, edge, of) => this.pushShare(body, kernel, total, edge, of),
    };
  }

  #emit(kernel: Kernel): Emitted {
    const parts = byResidue(kernel);
    if (parts.length > 1) return this.#inParts(kernel, parts);
    const body = this.#body(kernel);
    const [only = kernel] = parts;
    const contraction = recognize(only);
    const work = workOf(only);
    const divided = this.threads > 1 && work >= this.#division.from;
    const correlation = contraction === undefined ? undefined : findCorrelation(contraction, this.features);
    if (contraction !== undefined && correlation !== undefined) {
      const emitted = emitCorrelation(this, body, contraction, correlation, divided);
      return { index: this.module.add(body), ...emitted, work };
    }
    const blocking = contraction === undefined ? undefined : blockContraction(contraction, this.features);
    if (contraction !== undefined && blocking !== undefined) {
      const shared = emitContraction(this, body, contraction, blocking, divided);
      const { bytes } = scratchOf(contraction, blocking);
      return { index: this.module.add(body), scratch: bytes, divided: shared, work };
    }
    const share = divided ? this.#sharing(body, only) : undefined;
    const shared = emitNest(body, only, {
      features: this.features,
      routine: this.#routine,
      given: 0,
      share,
    });
    return { index: this.module.add(body), scratch: 0, divided: shared, work };
  }

  /** A kernel that is others, one after the other: they store different elements, and load no others of what they store. */
  #inParts(kernel: Kernel, parts: readonly Kernel[]): Emitted {
    const body = this.#body(kernel);
    const emitted = parts.map((part) => this.kernel(part));
    const divided = emitted.some((part) => part.divided);
    const thread = kernel.buffers.length + 1;
    for (const part of emitted) {
      const call = (): void => {
        for (let parameter = 0; parameter <= thread; parameter++) body.get(parameter);
        body.call(part.index);
      };
      if (part.divided === divided) {
        call();
        continue;
      }
      body.get(thread);
      body.op("i32.eqz");
      body.branch(undefined, call);
    }
    const scratch = Math.max(...emitted.map((part) => part.scratch));
    const work = emitted.reduce((sum, part) => sum + part.work, 0);
    return { index: this.module.add(body), scratch, divided, work };
  }

  #body(kernel: Kernel): FunctionBody {
    const params = kernel.buffers.length + 2;
    return new FunctionBody({ params: new Array<"i32">(params).fill("i32"), results: [] });
  }
}

/** Leaves min(max(value, low), high) on the stack. */
function pushBetween(body: FunctionBody, value: number, low: number, high: number): void {
  body.get(value);
  body.i32(high);
  body.get(value);
  body.i32(high);
  body.op("i32.lt_u");
  body.op("select");
  body.i32(low);
  body.get(value);
  body.i32(low);
  body.op("i32.ge_u");
  body.op("select");
}

/** Values computed by one run, about. */
export function workOf(kernel: Kernel): number {
  const outer = kernel.axes.reduce((product, { extent }) => product * extent, 1);
  return kernel.stages.reduce((total, stage) => {
    const inner = stage.axes.reduce((product, extent) => product * extent, 1);
    return total + outer * inner * (scalarsOf(rootsOf(stage)).length + stage.stores.length);
  }, 0);
}
