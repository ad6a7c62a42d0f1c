/**
 * The module of several plans: one function per distinct kernel, and per program functions that call the kernels in
 * order with the addresses of their buffers. Every thread calls them; what it does follows from its number.
 * It refuses to run anything.
 */

import { VerificationError } from "@adjoint/core";
import type { Kernel } from "@adjoint/core/kernel";
import type { LoadOptions, Plan } from "@adjoint/scheduler/plan";
import { Emission, type Emitted } from "../emit/emission.js";
import type { Division, Features } from "../engine/features.js";
import { FunctionBody } from "../wasm/function.js";
import { ModuleBuilder } from "../wasm/module.js";
import { type ControlWords, controlBytes, emitBarrier } from "./barrier.js";
import type { Layout } from "./layout.js";
import { pagesFor } from "./memory.js";
import { required } from "./required.js";
import { type Entry, scheduleThreads } from "./schedule.js";

/** Entries in one function: engines limit the size of functions, and compile small ones faster. */
const entriesPerFunction = 512;
/** Milliseconds of emission after which other tasks get their turn. */
const slice = 50;

/** A module, and the memory it wants. */
export interface Built {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly threads: number;
  /** Bytes of scratch memory of all threads together. */
  readonly scratch: number;
  readonly memoryBytes: number;
  readonly control: ControlWords;
  /** Whether threads divide each program. */
  readonly programs: ReadonlyMap<string, boolean>;
}

/** The name of the function that runs a program: it takes the thread's number and whether that may sleep. */
export function exportName(program: string): string {
  return `run_${program}`;
}

export function kernelsOf(plans: ReadonlyMap<string, Plan>): ReadonlySet<Kernel> {
  return new Set([...plans.values()].flatMap((plan) => plan.kernels));
}

/** For the threads of `division`, or one where nothing is worth dividing; progress counts kernels, and one more. */
export async function buildModule(
  plans: ReadonlyMap<string, Plan>,
  layout: Layout,
  features: Features,
  division: Division,
  { onProgress, signal }: LoadOptions = {},
): Promise<Built> {
  const module = new ModuleBuilder();
  const emission = new Emission(module, features, division);
  const kernels = kernelsOf(plans);
  const emitted = new Map<Kernel, Emitted>();
  let last = performance.now();
  for (const kernel of kernels) {
    emitted.set(kernel, emission.kernel(kernel));
    onProgress?.(emitted.size, kernels.size + 1);
    if (performance.now() - last < slice) continue;
    await new Promise<void>((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    last = performance.now();
  }
  const all = [...emitted.values()];
  const threads = all.some(({ divided }) => divided) ? division.threads : 1;
  const scratchEach = all.reduce((most, { scratch }) => Math.max(most, scratch), 0);
  const scratchStart = Math.ceil(layout.bytes / 64) * 64;
  const scratch = threads * scratchEach;
  const control = threads > 1 ? scratchStart + scratch : undefined;
  const barrier = control === undefined ? undefined : module.add(emitBarrier(control, threads));
  const programs = new Map<string, boolean>();
  for (const [program, plan] of plans) {
    programs.set(
      program,
      threads > 1 && plan.kernels.some((kernel) => emitted.get(kernel)?.divided === true),
    );
    const { addresses } = required(layout.programs.get(program), `program ${program}`, program);
    const emittedOf = plan.kernels.map((kernel) => required(emitted.get(kernel), "kernel", program));
    const index = new ProgramEmitter(module, plan, program, addresses, emittedOf, {
      scratch: scratchStart,
      scratchEach,
      barrier,
      threads,
    }).emit();
    module.export(exportName(program), index);
  }
  const memoryBytes = scratchStart + scratch + (control === undefined ? 0 : controlBytes);
  const bytes = module.done({ pages: pagesFor(memoryBytes), shared: threads > 1 });
  return { bytes, threads, scratch, memoryBytes, control, programs };
}

interface Machine {
  /** Where the scratch memory of the first thread is, and how much each has. */
  readonly scratch: number;
  readonly scratchEach: number;
  readonly barrier: number | undefined;
  readonly threads: number;
}

class ProgramEmitter {
  readonly #module: ModuleBuilder;
  readonly #plan: Plan;
  readonly #program: string;
  readonly #addresses: readonly number[];
  readonly #emitted: readonly Emitted[];
  readonly #machine: Machine;

  constructor(
    module: ModuleBuilder,
    plan: Plan,
    program: string,
    addresses: readonly number[],
    emitted: readonly Emitted[],
    machine: Machine,
  ) {
    this.#module = module;
    this.#plan = plan;
    this.#program = program;
    this.#addresses = addresses;
    this.#emitted = emitted;
    this.#machine = machine;
  }

  emit(): number {
    const { threads } = this.#machine;
    const divided = threads > 1 && this.#plan.steps.some(({ kernel }) => this.#emitted[kernel]?.divided);
    const entries: Entry[] = divided
      ? scheduleThreads(this.#plan, this.#addresses, this.#emitted, threads)
      : this.#plan.steps.map((_, step) => ({ kind: "step", step, thread: 0 }));
    const chunks: number[] = [];
    for (let start = 0; start < entries.length; start += entriesPerFunction) {
      chunks.push(this.#chunk(entries.slice(start, start + entriesPerFunction), divided));
    }
    const run = new FunctionBody({ params: ["i32", "i32"], results: [] });
    const all = (): void => {
      for (const chunk of chunks) {
        run.get(0);
        run.get(1);
        run.call(chunk);
      }
    };
    if (divided) all();
    else {
      run.get(0);
      run.op("i32.eqz");
      run.branch(undefined, all);
    }
    return this.#module.add(run);
  }

  #chunk(entries: readonly Entry[], divided: boolean): number {
    const body = new FunctionBody({ params: ["i32", "i32"], results: [] });
    for (const entry of entries) {
      if (entry.kind === "barrier") {
        body.get(1);
        body.call(required(this.#machine.barrier, "barrier", this.#program));
      } else if (entry.thread === "all" || !divided) this.#step(body, entry.step);
      else {
        body.get(0);
        body.i32(entry.thread);
        body.op("i32.eq");
        body.branch(undefined, () => this.#step(body, entry.step));
      }
    }
    return this.#module.add(body);
  }

  #step(body: FunctionBody, position: number): void {
    const step = this.#plan.steps[position];
    const kernel = this.#plan.kernels[step?.kernel ?? -1];
    const emitted = this.#emitted[step?.kernel ?? -1];
    const where = `${this.#program} step ${position}`;
    if (step === undefined || kernel === undefined || emitted === undefined)
      throw new VerificationError("A step has no kernel.", where);
    if (step.buffers.length !== kernel.buffers.length)
      throw new VerificationError("A step does not fit its kernel.", where);
    for (const buffer of step.buffers) {
      const address = this.#addresses[buffer];
      if (address === undefined) throw new VerificationError(`A step uses buffer ${buffer}.`, where);
      body.i32(address);
    }
    body.i32(this.#machine.scratch);
    body.get(0);
    body.i32(this.#machine.scratchEach);
    body.op("i32.mul");
    body.op("i32.add");
    body.get(0);
    body.call(emitted.index);
  }
}
