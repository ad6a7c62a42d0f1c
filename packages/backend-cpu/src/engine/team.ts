/**
 * Workers that were started together: they answer messages, and run the program they are told by a number in shared memory.
 * It refuses to know what runs.
 */

import { UnavailableError } from "@adjoint/core";
import { memoryImport } from "../wasm/module.js";
import { type Assignment, type CrewMessage, crewWords } from "./protocol.js";
import { type CrewWorker, spawn } from "./spawn.js";

/** Milliseconds to wait for threads that must still notice that another has failed. */
const patience = 10_000;

export class Team {
  readonly #workers: readonly CrewWorker[];
  readonly #control: Int32Array;
  /** Answers still to come, and who waits for them. */
  #awaited = 0;
  #waiting: { resolve: () => void; reject: (reason: Error) => void }[] = [];
  #failure: string | undefined;

  /** Starts workers for so many threads, the calling one among them. @throws where there are none. */
  constructor(threads: number) {
    this.#control = new Int32Array(new SharedArrayBuffer(4 * (crewWords.done + 16 * threads)));
    const failed = (reason: string): void => {
      this.#failure = reason;
      this.#settleAnswers();
    };
    const answered = (): void => {
      this.#awaited--;
      if (this.#awaited === 0) this.#settleAnswers();
    };
    this.#workers = Array.from({ length: threads - 1 }, () => spawn(answered, failed));
    Atomics.add(this.#control, crewWords.messages, 1);
    for (const [index, worker] of this.#workers.entries()) {
      const message: CrewMessage = { kind: "begin", control: this.#control, thread: index + 1 };
      worker.send(message);
    }
    this.#awaited += this.#workers.length;
  }

  /** Gives an executable to all workers. Rejects where workers cannot run. */
  async load(id: number, assignment: Assignment): Promise<void> {
    if (this.#failure !== undefined) throw new Error(this.#failure);
    const answered = this.#answers();
    this.#send({ kind: "load", id, imported: memoryImport, assignment });
    await answered;
  }

  unload(id: number): void {
    this.#send({ kind: "unload", id });
  }

  /** Ends the workers; who waits for an answer of theirs is told. */
  end(): void {
    this.#failure ??= "the workers were ended";
    this.#settleAnswers();
    for (const worker of this.#workers) worker.end();
  }

  /**
   * Lets all workers run a program; the caller runs its own part and meets them at the program's barriers.
   * @throws UnavailableError where a worker is gone: its part would be waited for in vain.
   */
  start(id: number, program: number): void {
    if (this.#failure !== undefined)
      throw new UnavailableError(`A thread is gone (${this.#failure}): compile again.`, "threads");
    Atomics.store(this.#control, crewWords.executable, id);
    Atomics.store(this.#control, crewWords.program, program);
    this.#wake();
  }

  /** Waits until no worker runs any more, after a thread has failed. */
  settle(): void {
    const go = Atomics.load(this.#control, crewWords.go);
    const end = performance.now() + patience;
    for (let thread = 1; thread <= this.#workers.length; thread++) {
      const word = crewWords.done + 16 * thread;
      while (Atomics.load(this.#control, word) !== go && performance.now() < end);
    }
  }

  #send(message: CrewMessage): void {
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
