/**
 * The threads of one backend: workers that share the memory of every executable loaded, and run what they are told without a
 * message. They never keep a process alive, end when nothing is loaded any more, and make room for others when they may hold
 * much that is not. It refuses to know what runs.
 */

import type { Assignment } from "./protocol.js";
import { Team } from "./team.js";

/**
 * Executables that workers may hold after they were unloaded, and their bytes. Engines do not count memory that threads share, nor
 * the addresses they reserve for every memory, and would never look for garbage in a worker, which makes none itself.
 */
const mostUnloaded = { executables: 12, bytes: 2 ** 28 } as const;

export class Crew {
  readonly #threads: number;
  #team: Team | undefined;
  /** The next team is being given what is loaded. */
  #renewal: Promise<void> | undefined;
  readonly #loaded = new Map<number, Assignment>();
  #executables = 0;
  /** Executables loaded or being loaded. */
  #users = 0;
  #unloaded = { executables: 0, bytes: 0 };

  /** Of so many threads, the calling one among them. */
  constructor(threads: number) {
    this.#threads = threads;
  }

  /** Has the workers start, and be there, until `leave` is called as often. @throws where there are none. */
  join(): void {
    this.#team ??= new Team(this.#threads);
    this.#users++;
  }

  leave(): void {
    this.#users--;
    if (this.#users > 0) return;
    this.#team?.end();
    this.#team = undefined;
    this.#unloaded = { executables: 0, bytes: 0 };
  }

  /** Gives an executable to all workers. Rejects where workers cannot run. */
  async load(assignment: Assignment): Promise<number> {
    this.join();
    const id = this.#executables++;
    try {
      await this.#renewal;
      this.#loaded.set(id, assignment);
      const { executables, bytes } = this.#unloaded;
      if (executables < mostUnloaded.executables && bytes < mostUnloaded.bytes)
        await this.#team?.load(id, assignment);
      else await this.#renew();
      return id;
    } catch (error) {
      this.#loaded.delete(id);
      this.leave();
      throw error;
    }
  }

  unload(id: number): void {
    const bytes = this.#loaded.get(id)?.memory.buffer.byteLength ?? 0;
    this.#loaded.delete(id);
    this.#unloaded = { executables: this.#unloaded.executables + 1, bytes: this.#unloaded.bytes + bytes };
    this.leave();
    this.#team?.unload(id);
  }

  /** Lets all workers run a program; the caller runs its own part and meets them at the program's barriers. */
  start(id: number, program: number): void {
    this.#team?.start(id, program);
  }

  /** Waits until no worker runs any more, after a thread has failed. */
  settle(): void {
    this.#team?.settle();
  }

  /** Has other workers take over, which know only what is loaded. */
  async #renew(): Promise<void> {
    this.#unloaded = { executables: 0, bytes: 0 };
    const next = new Team(this.#threads);
    this.#renewal = Promise.all([...this.#loaded].map(([id, assignment]) => next.load(id, assignment))).then(
      () => {
        this.#team?.end();
        this.#team = next;
      },
    );
    try {
      await this.#renewal;
    } catch (error) {
      next.end();
      throw error;
    } finally {
      this.#renewal = undefined;
    }
  }
}

/** Whether the calling thread may wait asleep: that of a page must not. */
export function maySleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}
