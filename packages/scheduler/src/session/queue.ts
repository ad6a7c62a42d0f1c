/** Tasks of a session: begun in order, a given number at a time, some of them alone. */

import { DisposedError } from "@adjoint/core";
import { type Observable, Subject } from "rxjs";

interface Waiting {
  readonly isAlone: () => boolean;
  readonly begin: (alone: boolean) => void;
}

export class Queue {
  /** How many tasks may run at a time. */
  readonly atOnce: number;
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #runningAlone = false;
  readonly #closing = new Subject<never>();
  /** Fails with the DisposedError when the queue is closed, also for who asks later. */
  readonly closed$: Observable<never> = this.#closing.asObservable();
  #disposed: DisposedError | undefined;
  #onIdle: () => void = () => undefined;

  constructor(atOnce = 1) {
    this.atOnce = atOnce;
  }

  /** Whether the next task would begin at once, before `enqueue` returns. */
  idle(alone = false): boolean {
    return this.#waiting.length === 0 && this.#hasRoom(alone);
  }

  /**
   * Runs a task after all earlier ones have begun, or are done where `isAlone` says so, which is asked when the task might
   * begin. @throws DisposedError after `close`.
   */
  enqueue<T>(task: () => Promise<T>, isAlone: () => boolean): Promise<T> {
    return this.#take(task, isAlone);
  }

  /** Runs a task after all earlier ones are done, whether they failed or not. @throws DisposedError after `close`. */
  enqueueAlone<T>(task: () => Promise<T>): Promise<T> {
    return this.#take(task, () => true);
  }

  /** Takes no more tasks; resolves when those taken are done. */
  close(): Promise<void> {
    this.#disposed = new DisposedError("The session is disposed; compile the program again.");
    this.#closing.error(this.#disposed);
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #take<T>(task: () => Promise<T>, isAlone: () => boolean): Promise<T> {
    if (this.#disposed !== undefined) return Promise.reject(this.#disposed);
    const alone = isAlone();
    if (this.idle(alone)) return this.#run(task, alone);
    const result = new Promise<T>((resolve, reject) => {
      this.#waiting.push({ isAlone, begin: (alone) => void this.#run(task, alone).then(resolve, reject) });
    });
    // Whoever asked may look at it only after other tasks.
    result.catch(() => undefined);
    return result;
  }

  #hasRoom(alone: boolean): boolean {
    return !this.#runningAlone && this.#running < (alone ? 1 : this.atOnce);
  }

  #run<T>(task: () => Promise<T>, alone: boolean): Promise<T> {
    this.#running += 1;
    this.#runningAlone = alone;
    try {
      const result = task();
      result.then(this.#done, this.#done);
      return result;
    } catch (error) {
      // A stack that is full.
      this.#done();
      throw error;
    }
  }

  readonly #done = (): void => {
    this.#running -= 1;
    this.#runningAlone = false;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const alone = next.isAlone();
      if (!this.#hasRoom(alone)) break;
      this.#waiting.shift();
      next.begin(alone);
    }
    if (this.#running === 0) this.#onIdle();
  };
}
