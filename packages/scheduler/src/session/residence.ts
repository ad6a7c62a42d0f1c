/**
 * Where a session's plans are loaded, and loaded again when the device is lost: the executable, and the parameters as they
 * were after the last step that was kept. A recovered session continues from there, so that every step took place once or
 * not at all.
 */

import type { Backend, Executable, HostArray } from "../backend/backend.js";

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
  /** Names and initial values of all parameters. */
  readonly initial: () => Iterable<readonly [name: string, data: HostArray]>;
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
  #steps = 0;
  #kept: { readonly steps: number; readonly parameters: ReadonlyMap<string, HostArray> } | undefined;

  private constructor(executable: Executable, source: ResidenceSource) {
    this.#executable = executable;
    this.#source = source;
    this.#watch(executable);
  }

  static async load(source: ResidenceSource): Promise<Residence> {
    const residence = new Residence(await source.load(await source.open()), source);
    await residence.#fill(source.initial());
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

  /** Counts a step; true when the parameters are to be kept after it. */
  countStep(): boolean {
    // A lost device refuses the step: there is nothing to take back.
    if (this.#isLost) return false;
    this.#steps += 1;
    const every = this.#source.snapshotEvery ?? 0;
    return every > 0 && this.#steps % every === 0;
  }

  /** Keeps the parameters on the host. To be called while no step is in flight. */
  async keep(): Promise<void> {
    if (this.#isLost) return;
    const steps = this.#steps;
    const parameters = new Map<string, HostArray>();
    for (const [name] of this.#source.initial()) parameters.set(name, await this.#executable.read(name));
    this.#kept = { steps, parameters };
  }

  /** Loads the plans into another device with the parameters that were kept. Does nothing while the device is there. */
  async recover(): Promise<void> {
    if (!this.#isLost) return;
    await this.#executable.dispose().catch(() => undefined);
    const executable = await this.#source.load(await this.#source.open());
    this.#executable = executable;
    this.#isLost = false;
    this.#watch(executable);
    await this.#fill(this.#kept?.parameters ?? this.#source.initial());
    const kept = this.#kept?.steps ?? 0;
    const undone = this.#steps - kept;
    this.#steps = kept;
    this.#source.report({ type: "recovered", kept, undone });
  }

  async #fill(parameters: Iterable<readonly [string, HostArray]>): Promise<void> {
    for (const [name, data] of parameters) await this.#executable.write(name, data);
  }

  #watch(executable: Executable): void {
    executable.lost.then(
      (reason) => {
        if (executable !== this.#executable) return;
        this.#isLost = true;
        this.#source.onLost(reason);
      },
      () => undefined,
    );
  }
}
