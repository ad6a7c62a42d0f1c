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

export class Residence {
  #executable: Executable;
  readonly #source: ResidenceSource;
  #isLost = false;
  /** Why there is no device since the last one was lost; undefined while there may be one. */
  #failure: DeviceLostError | undefined;
  /** The program whose outputs are in memory. */
  #holder: string | undefined;
  /** Steps that were begun, and those that took place. */
  #begun = 0;
  #steps = 0;
  /** What was written since parameters were kept: that is no step, and not undone. */
  #written = new Map<string, HostArray>();
  #kept: { readonly steps: number; readonly parameters: ReadonlyMap<string, HostArray> } | undefined;

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
    return this.#failure === undefined ? this.#executable : { bytes: 0, scratchBytes: 0 };
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
  ): Promise<ReadonlyMap<string, HostArray>> {
    this.#holder = program;
    try {
      const results = await this.executable.run(program, feeds, outputs);
      this.#holder = program;
      this.#steps += 1;
      return results;
    } catch (error) {
      this.#holder = undefined;
      throw error;
    }
  }

  async dispose(): Promise<void> {
    if (this.#failure === undefined) await this.#executable.dispose();
  }

  /** The backend that the executable is of, for what else is to be loaded beside it. */
  openBackend(): Promise<Backend> {
    return this.#source.open();
  }

  /** Whether tasks have to wait for another device first. */
  get mustRecover(): boolean {
    return this.#isLost && this.#source.recover === true;
  }

  /** Begins a step; true when the parameters are to be kept after it. */
  beginStep(): boolean {
    if (this.#isLost) return false;
    this.#begun += 1;
    const every = this.#source.snapshotEvery ?? 0;
    return every > 0 && this.#begun % every === 0;
  }

  /** Keeps the parameters on the host. To be called while no step is in flight; where the device is lost, it keeps nothing. */
  async keep(): Promise<void> {
    if (this.#isLost) return;
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
    if (!this.#isLost) return;
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
    this.#isLost = false;
    this.#watch(this.#executable);
    const kept = this.#kept?.steps ?? 0;
    const undone = this.#steps - kept;
    this.#steps = kept;
    this.#source.report({ type: "recovered", kept, undone });
  }

  #watch(executable: Executable): void {
    executable.lost?.then(
      (reason) => {
        if (executable !== this.#executable) return;
        this.#isLost = true;
        this.#source.onLost(reason);
      },
      () => undefined,
    );
  }
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
