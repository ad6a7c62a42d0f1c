/**
 * The workers of one backend. They are started once, share the memory of every executable loaded, and run the program they
 * are told by a number in shared memory: no message is sent while stepping. They never keep a process alive, and end when
 * nothing is loaded any more. It refuses to know what runs.
 */

import { memoryImport } from "../wasm/module.js";
import { type CrewWorker, spawn } from "./spawn.js";
import { crewWords } from "./worker.js";

/** What workers need to run the programs of an executable. */
export interface Assignment {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Exported functions (number of the thread, whether it may sleep), by program. */
  readonly names: readonly string[];
  /** The word of the memory that says that a thread has failed. */
  readonly failed: number;
}

/** Milliseconds to wait for threads that must still notice that another has failed. */
const patience = 10_000;

export class Crew {
  readonly #threads: number;
  #workers: readonly CrewWorker[] = [];
  #control: Int32Array = new Int32Array();
  #executables = 0;
  /** Executables loaded or being loaded. */
  #users = 0;
  /** Answers still to come, and who waits for them. */
  #awaited = 0;
  #waiting: { resolve: () => void; reject: (reason: Error) => void }[] = [];
  #failure: string | undefined;

  /** Of so many threads, the calling one among them. */
  constructor(threads: number) {
    this.#threads = threads;
  }

  /** Has the workers start, and be there, until `leave` is called as often. */
  join(): void {
    if (this.#workers.length === 0) this.#begin();
    this.#users++;
  }

  leave(): void {
    this.#users--;
    if (this.#users > 0) return;
    for (const worker of this.#workers) worker.end();
    this.#workers = [];
    this.#control = new Int32Array();
    this.#awaited = 0;
  }

  /** Gives an executable to all workers. Rejects where workers cannot run. */
  async load(assignment: Assignment): Promise<number> {
    this.join();
    try {
      if (this.#failure !== undefined) throw new Error(this.#failure);
      const id = this.#executables++;
      const answered = this.#answers();
      this.#send({ kind: "load", id, imports: memoryImport, ...assignment });
      await answered;
      return id;
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  unload(id: number): void {
    this.leave();
    if (this.#users > 0) this.#send({ kind: "unload", id });
  }

  /** Lets all workers run a program; the caller runs its own part and meets them at the program's barriers. */
  start(id: number, program: number): void {
    Atomics.store(this.#control, crewWords.executable, id);
    Atomics.store(this.#control, crewWords.program, program);
    this.#wake();
  }

  /** Waits until no worker runs any more, after a thread has failed. */
  settle(): void {
    const go = Atomics.load(this.#control, crewWords.go);
    const end = performance.now() + patience;
    for (let thread = 1; thread < this.#threads; thread++) {
      const word = crewWords.done + 16 * thread;
      while (Atomics.load(this.#control, word) !== go && performance.now() < end);
    }
  }

  #begin(): void {
    const words = crewWords.done + 16 * this.#threads;
    const control = new Int32Array(new SharedArrayBuffer(4 * words));
    this.#control = control;
    this.#failure = undefined;
    // Workers that have ended may still be heard of.
    const failed = (reason: string): void => {
      if (this.#control !== control) return;
      this.#failure = reason;
      this.#settleAnswers();
    };
    const answered = (): void => {
      if (this.#control !== control) return;
      this.#awaited--;
      if (this.#awaited === 0) this.#settleAnswers();
    };
    this.#workers = Array.from({ length: this.#threads - 1 }, () => spawn(answered, failed));
    Atomics.add(control, crewWords.messages, 1);
    for (const [index, worker] of this.#workers.entries()) {
      worker.send({ kind: "begin", control, thread: index + 1 });
    }
    this.#awaited += this.#workers.length;
  }

  #send(message: unknown): void {
    this.#awaited += this.#workers.length;
    Atomics.add(this.#control, crewWords.messages, 1);
    for (const worker of this.#workers) worker.send(message);
    Atomics.store(this.#control, crewWords.executable, -1);
    this.#wake();
  }

  #wake(): void {
    Atomics.add(this.#control, crewWords.go, 1);
    Atomics.notify(this.#control, crewWords.go);
  }

  /** Resolves when every message has been answered; the process stays alive for it. */
  #answers(): Promise<void> {
    for (const worker of this.#workers) worker.hold(true);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  #settleAnswers(): void {
    for (const worker of this.#workers) worker.hold(false);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve, reject } of waiting) {
      if (this.#failure === undefined) resolve();
      else reject(new Error(this.#failure));
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
