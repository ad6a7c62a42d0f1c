/**
 * Where a session's plans are loaded, and loaded again when the device is lost: the executable, and the parameters as they
 * were after the last step that was kept. A recovered session continues from there, so that every step took place once or
 * not at all.
 */

import { DeviceLostError } from "@adjoint/core";
import type { Backend, Executable, HostArray } from "../backend/backend.js";
import { turns } from "../pausing.js";
import type { NamedValue } from "./initial.js";

export interface RecoveryOptions {
  /**
   * Ask for another device by itself when one is lost, before the next step; otherwise `recover` does when it is called.
   */
  readonly recover?: boolean;
  /** Keep the parameters on the host after every so many steps; a recovered session starts over unless given. */
  readonly snapshotEvery?: number;
}

export interface ResidenceSource extends RecoveryOptions {
  /** The backend, on another device where the last one is lost. */
  readonly open: () => Promise<Backend>;
  readonly load: (backend: Backend) => Promise<Executable>;
  readonly names: readonly string[];
  /** Names and initial values of all parameters. */
  readonly initial: () => Iterable<NamedValue>;
  readonly report: (event: {
    readonly type: "recovered";
    readonly kept: number;
    readonly undone: number;
  }) => void;
  readonly onLost: (reason: string) => void;
}

interface Kept {
  readonly steps: ReadonlyMap<string, number>;
  readonly parameters: ReadonlyMap<string, HostArray>;
}

/** What a program's step gave, and how many of that program took place before. */
export interface StepResults {
  readonly index: number;
  readonly results: ReadonlyMap<string, HostArray>;
}

export class Residence {
  #executable: Executable;
  readonly #source: ResidenceSource;
  #state: "there" | "lost" | "disposed" = "there";
  /** Why there is no device since the last one was lost; undefined while there may be one. */
  #failure: DeviceLostError | undefined;
  /** The program whose outputs are in memory. */
  #holder: string | undefined;
  /** Steps under way, and those that took place, by program. */
  #running = 0;
  #steps: ReadonlyMap<string, number> = new Map();
  /** What was written since parameters were kept: that is no step, and not undone. */
  #written = new Map<string, HostArray>();
  #kept: Kept | undefined;

  private constructor(executable: Executable, source: ResidenceSource) {
    this.#executable = executable;
    this.#source = source;
    this.#watch(executable);
  }

  static async load(source: ResidenceSource): Promise<Residence> {
    return new Residence(await loaded(source, source.initial()), source);
  }

  /** @throws DeviceLostError with the reason where another device was asked for in vain. */
  get executable(): Executable {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#executable;
  }

  /** Bytes of memory held, and those of them that kernels use beside what the plans state. */
  get held(): { readonly bytes: number; readonly scratchBytes: number } {
    return this.#state === "there" ? this.#executable : { bytes: 0, scratchBytes: 0 };
  }

  /** Whether the outputs of a program's last step are there. */
  holds(program: string): boolean {
    return this.#holder === program;
  }

  /** Has a program take a step; what others left is gone, and what this one leaves, where it fails. */
  async step(
    program: string,
    feeds: ReadonlyMap<string, HostArray>,
    outputs: readonly string[] | undefined,
  ): Promise<StepResults> {
    this.#holder = program;
    this.#running += 1;
    try {
      const results = await this.executable.run(program, feeds, outputs);
      this.#holder = program;
      const index = this.#steps.get(program) ?? 0;
      this.#steps = new Map([...this.#steps, [program, index + 1]]);
      return { index, results };
    } catch (error) {
      this.#holder = undefined;
      throw error;
    } finally {
      this.#running -= 1;
    }
  }

  async dispose(): Promise<void> {
    try {
      if (this.#failure === undefined) await this.#executable.dispose();
    } finally {
      this.#state = "disposed";
    }
  }

  /** The backend that the executable is of, for what else is to be loaded beside it. */
  openBackend(): Promise<Backend> {
    return this.#source.open();
  }

  /** Whether tasks have to wait for another device first. */
  get mustRecover(): boolean {
    return this.#state === "lost" && this.#source.recover === true;
  }

  /** Whether the next step may begin only when no other is under way: it recovers first, or keeps the parameters after it. */
  get nextIsAlone(): boolean {
    return this.mustRecover || this.#isKept(total(this.#steps) + this.#running + 1);
  }

  /** A step with what belongs to it: another device where this one is lost, and parameters kept where it is their turn. */
  async take<T>(step: () => Promise<T>): Promise<T> {
    if (this.mustRecover) await this.recover();
    const result = await step();
    if (this.#isKept(total(this.#steps))) await this.#keep();
    return result;
  }

  #isKept(steps: number): boolean {
    const every = this.#source.snapshotEvery ?? 0;
    return every > 0 && steps % every === 0;
  }

  /** Keeps the parameters on the host, while no step is under way; where the device is lost, it keeps nothing. */
  async #keep(): Promise<void> {
    if (this.#state === "lost") return;
    const steps = this.#steps;
    try {
      const { names } = this.#source;
      const values = await Promise.all(names.map((name) => this.#executable.read(name)));
      const parameters = new Map<string, HostArray>();
      for (const [position, name] of names.entries()) {
        const value = values[position];
        if (value !== undefined) parameters.set(name, value);
      }
      this.#kept = { steps, parameters };
      this.#written = new Map();
    } catch (error) {
      if (!(error instanceof DeviceLostError)) throw error;
    }
  }

  /** Writes a parameter, for good: a recovered session has it as well. */
  async write(name: string, data: HostArray): Promise<void> {
    // Copied before the first wait: the caller may change the data then.
    const kept = this.executable.lost === undefined ? undefined : data.slice();
    await this.executable.write(name, data);
    if (kept !== undefined) this.#written.set(name, kept);
  }

  /**
   * Loads the plans into another device with the parameters that were kept. Does nothing while the device is there.
   * @throws what the backend says where there is no other device; so do all calls then, until this one succeeds.
   */
  async recover(): Promise<void> {
    if (this.#state !== "lost") return;
    if (this.#failure === undefined) await this.#executable.dispose().catch(() => undefined);
    try {
      const parameters = this.#kept?.parameters ?? this.#source.initial();
      this.#executable = await loaded(this.#source, parameters, this.#written);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#failure = new DeviceLostError(
        `The device is lost and there is no other one: ${reason}`,
        "recover",
      );
      this.#failure.cause = error;
      throw error;
    }
    this.#failure = undefined;
    this.#holder = undefined;
    this.#state = "there";
    this.#watch(this.#executable);
    const before = total(this.#steps);
    this.#steps = this.#kept?.steps ?? new Map();
    const kept = total(this.#steps);
    const undone = before - kept;
    this.#source.report({ type: "recovered", kept, undone });
  }

  #watch(executable: Executable): void {
    executable.lost?.then(
      (reason) => {
        if (executable !== this.#executable || this.#state === "disposed") return;
        this.#state = "lost";
        this.#source.onLost(reason);
      },
      () => undefined,
    );
  }
}

function total(steps: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of steps.values()) sum += count;
  return sum;
}

/** The plans on the backend's device, with parameters as given; where that fails, nothing is left there. */
async function loaded(
  { open, load }: ResidenceSource,
  ...parameters: readonly Iterable<NamedValue>[]
): Promise<Executable> {
  const executable = await load(await open());
  const turn = turns();
  try {
    for (const values of parameters) {
      for (const [name, data] of values) {
        await executable.write(name, data);
        await turn();
      }
    }
    return executable;
  } catch (error) {
    await executable.dispose().catch(() => undefined);
    throw error;
  }
}
