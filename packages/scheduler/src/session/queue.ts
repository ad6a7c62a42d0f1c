/** Tasks of a session: begun in order, a given number at a time, some of them alone. */

import { DisposedError } from "@adjoint/core";

interface Waiting {
  readonly alone: boolean;
  readonly begin: () => void;
}

export class Queue {
  /** How many tasks may run at a time. */
  readonly atOnce: number;
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #runningAlone = false;
  #closed = false;
  #onIdle: () => void = () => undefined;

  constructor(atOnce = 1) {
    this.atOnce = atOnce;
  }

  /** Whether the next task would begin at once, before `enqueue` returns. */
  idle(alone = false): boolean {
    return this.#waiting.length === 0 && this.#hasRoom(alone);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Runs a task after all earlier ones have begun. @throws DisposedError after `close`. */
  enqueue<T>(task: () => Promise<T>): Promise<T> {
    return this.#take(task, false);
  }

  /** Runs a task after all earlier ones are done, whether they failed or not. @throws DisposedError after `close`. */
  enqueueAlone<T>(task: () => Promise<T>): Promise<T> {
    return this.#take(task, true);
  }

  /** Takes no more tasks; resolves when those taken are done. */
  close(): Promise<void> {
    this.#closed = true;
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #take<T>(task: () => Promise<T>, alone: boolean): Promise<T> {
    if (this.#closed) {
      return Promise.reject(new DisposedError("The session is disposed; compile the program again."));
    }
    if (this.idle(alone)) return this.#run(task, alone);
    const result = new Promise<T>((resolve, reject) => {
      this.#waiting.push({ alone, begin: () => void this.#run(task, alone).then(resolve, reject) });
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
    for (
      let next = this.#waiting[0];
      next !== undefined && this.#hasRoom(next.alone);
      next = this.#waiting[0]
    ) {
      this.#waiting.shift();
      next.begin();
    }
    if (this.#running === 0) this.#onIdle();
  };
}
