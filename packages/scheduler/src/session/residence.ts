/**
 * Where a session's plans are loaded, and loaded again when the device is lost: the executable, and the parameters as they
 * were after the last step that was kept. A recovered session continues from there, so that every step took place once or
 * not at all.
 */

import { DeviceLostError } from "@adjoint/core";
import type { Backend, Executable, HostArray } from "../backend/backend.js";
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
  /** Names and initial values of all parameters, which the backend may begin to draw. */
  readonly initial: (backend: Backend) => Iterable<NamedValue> | AsyncIterable<NamedValue>;
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
    const backend = await source.open();
    const initial = source.initial(backend);
    const residence = new Residence(await source.load(backend), source);
    await residence.#fill(initial);
    return residence;
  }

  get executable(): Executable {
    return this.#executable;
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

  /** Counts a step that has taken place. */
  countStep(): void {
    this.#steps += 1;
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
    const kept = this.#executable.lost === undefined ? undefined : data.slice();
    await this.#executable.write(name, data);
    if (kept !== undefined) this.#written.set(name, kept);
  }

  /** Loads the plans into another device with the parameters that were kept. Does nothing while the device is there. */
  async recover(): Promise<void> {
    if (!this.#isLost) return;
    await this.#executable.dispose().catch(() => undefined);
    const backend = await this.#source.open();
    const parameters = this.#kept?.parameters ?? this.#source.initial(backend);
    const executable = await this.#source.load(backend);
    this.#executable = executable;
    this.#isLost = false;
    this.#watch(executable);
    await this.#fill(parameters);
    await this.#fill(this.#written);
    const kept = this.#kept?.steps ?? 0;
    const undone = this.#steps - kept;
    this.#steps = kept;
    this.#source.report({ type: "recovered", kept, undone });
  }

  async #fill(parameters: Iterable<NamedValue> | AsyncIterable<NamedValue>): Promise<void> {
    for await (const [name, data] of parameters) await this.#executable.write(name, data);
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
