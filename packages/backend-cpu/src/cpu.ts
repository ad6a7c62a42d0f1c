/** The CPU as a backend: loads plans into one WebAssembly memory and one module. */

import { VerificationError } from "@adjoint/core";
import type { Backend, Executable, LoadOptions, Plan, Target } from "@adjoint/scheduler/plan";
import { workOf } from "./emit/emission.js";
import { Crew } from "./engine/crew.js";
import { type CpuOptions, type Detected, detect, without } from "./engine/detect.js";
import { multipliesRight } from "./engine/self-test.js";
import { wordOf } from "./load/barrier.js";
import { type Compiled, contentKey, ModuleCache } from "./load/cache.js";
import { compileModule, instantiate } from "./load/compile.js";
import { CpuExecutable } from "./load/executable.js";
import { keptModule } from "./load/kept.js";
import { type Layout, layOut } from "./load/layout.js";
import { allocate, checkBytes, noteGarbage, patiently } from "./load/memory.js";
import { buildModule, exportName, kernelsOf } from "./load/program.js";
import { alone, type Step, together } from "./load/together.js";

/** What the engine was found to have, and why not more. */
export interface CpuTarget extends Target {
  readonly simd: true;
  /** Fused multiply-add. */
  readonly relaxedSimd: boolean;
  /** Pairs of 128-bit operations as one of 256 bits. */
  readonly wide: boolean;
  /** How many threads share the work, the calling one among them. */
  readonly threads: number;
  /** For each feature that is not used, why. */
  readonly reasons: Readonly<Record<string, string>>;
}

export interface CpuBackend extends Backend {
  /** What is used of the engine; a feature that fails while loading is gone from here, with the reason. */
  readonly target: CpuTarget;
}

/**
 * A backend that runs plans as generated WebAssembly, with the features of the engine that are there and wanted.
 *
 * @throws VerificationError for options that are no numbers of what they count.
 * `load` throws VerificationError for a plan made for another target or inconsistent with itself, MemoryError when the engine has
 * not as much memory as the plans need, and the reason of `signal` when that is aborted.
 */
export function cpu(options: CpuOptions = {}): CpuBackend {
  return new Cpu(detect(options));
}

/** Bytes of garbage that are worth a few milliseconds of collecting. */
const worthNoting = 2 ** 24;

class Cpu implements CpuBackend {
  #detected: Detected;
  readonly #crew: Crew;
  readonly #modules = new ModuleCache();
  #tested: Promise<void> | undefined;
  /** Bytes of disposed memory that the engine has not been told of. */
  #garbage = 0;

  constructor(detected: Detected) {
    this.#detected = detected;
    this.#crew = new Crew(detected.division.threads);
  }

  get target(): CpuTarget {
    const { features, division, reasons } = this.#detected;
    return {
      name: "cpu",
      dtypes: ["float32", "float64", "int32", "uint32", "bool"],
      alignment: 64,
      simd: true,
      relaxedSimd: features.relaxedSimd,
      wide: features.wide,
      threads: division.threads,
      reasons,
    };
  }

  async load(plans: ReadonlyMap<string, Plan>, options: LoadOptions = {}): Promise<Executable> {
    options.signal?.throwIfAborted();
    for (const [program, plan] of plans) {
      if (plan.target === this.target.name) continue;
      throw new VerificationError(
        `Program ${program} was planned for ${plan.target}, not ${this.target.name}.`,
        program,
      );
    }
    const layout = layOut(plans);
    const dismiss = this.#gather(plans);
    try {
      return await this.#load(plans, layout, options);
    } finally {
      dismiss();
    }
  }

  /** Starts the workers, if there is going to be work for them, so that they are there when it is; returns their dismissal. */
  #gather(plans: ReadonlyMap<string, Plan>): () => void {
    const { threads, from } = this.#detected.division;
    if (threads === 1 || ![...kernelsOf(plans)].some((kernel) => workOf(kernel) >= from))
      return () => undefined;
    try {
      this.#crew.join();
    } catch {
      // Giving them work says why they cannot run.
      return () => undefined;
    }
    return () => this.#crew.leave();
  }

  async #load(plans: ReadonlyMap<string, Plan>, layout: Layout, options: LoadOptions): Promise<Executable> {
    this.#tested ??= this.#test();
    this.#tested.catch(() => undefined);
    let detected: Detected;
    let compiled: Compiled;
    do {
      // What the engine turns out to compute wrong is compiled again without.
      detected = this.#detected;
      compiled = await this.#compile(plans, layout, options);
      await this.#tested;
    } while (detected !== this.#detected);
    options.signal?.throwIfAborted();
    const executable = await this.#bind(plans, layout, compiled);
    const total = kernelsOf(plans).size + 1;
    options.onProgress?.(total, total);
    return executable;
  }

  /** Gives up features with which the engine computes wrong numbers. */
  async #test(): Promise<void> {
    while (!(await multipliesRight(this.#detected.features))) {
      const lesser = without(this.#detected);
      if (lesser === undefined) throw new VerificationError("The engine computes wrong products.", "cpu");
      this.#detected = lesser;
    }
  }

  async #compile(
    plans: ReadonlyMap<string, Plan>,
    layout: Layout,
    options: LoadOptions = {},
  ): Promise<Compiled> {
    const { features, division } = this.#detected;
    const key = `${JSON.stringify([features, division])} ${contentKey(plans, layout)}`;
    const known = this.#modules.find(key);
    if (known !== undefined) return known;
    const built = await keptModule(options.cache, key, () =>
      buildModule(plans, layout, features, division, options),
    );
    checkBytes(built.memoryBytes, { ...layout.spaces, scratch: built.scratch });
    const compiled = { built, module: await compileModule(built.bytes) };
    this.#modules.add(key, compiled);
    return compiled;
  }

  /** With workers where the module is for several threads; where they cannot run, once more for one thread. */
  async #bind(
    plans: ReadonlyMap<string, Plan>,
    layout: Layout,
    { built, module }: Compiled,
  ): Promise<Executable> {
    const { threads, scratch, memoryBytes } = built;
    const memory = await patiently(() => allocate(memoryBytes, { ...layout.spaces, scratch }, threads > 1));
    const runs = await instantiate(module, memory);
    const executable = (steps: ReadonlyMap<string, Step>, onDispose: () => void): Executable =>
      new CpuExecutable(plans, layout, memory, memoryBytes, steps, onDispose);
    if (threads === 1) return executable(alone(plans.keys(), runs), () => undefined);
    const names = [...plans.keys()].map(exportName);
    try {
      const id = await this.#crew.load({
        module,
        memory,
        names,
        failed: wordOf(built.control ?? 0, "failed"),
      });
      return executable(together(runs, built, memory, this.#crew, id), () => {
        this.#crew.unload(id);
        this.#garbage += memoryBytes;
        if (this.#garbage < worthNoting) return;
        noteGarbage(this.#garbage);
        this.#garbage = 0;
      });
    } catch (error) {
      const reasons = { ...this.#detected.reasons, threads: `workers cannot run: ${String(error)}` };
      const division = { ...this.#detected.division, threads: 1 };
      this.#detected = { ...this.#detected, division, reasons };
      return this.#bind(plans, layout, await this.#compile(plans, layout));
    }
  }
}
