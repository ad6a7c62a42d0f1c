/** Tasks of a session, one after the other. */

import { DisposedError } from "@adjoint/core";

export class Queue {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #closed = false;

  /** Whether the next task starts at once, before `enqueue` returns. */
  get idle(): boolean {
    return this.#waiting === 0;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Runs a task after all earlier ones, whether they failed or not. @throws DisposedError after `close`. */
  enqueue<T>(task: () => Promise<T>): Promise<T> {
    if (this.#closed) {
      return Promise.reject(new DisposedError("The session is disposed; compile the program again."));
    }
    const result = this.idle ? task() : this.#last.then(task);
    this.#waiting += 1;
    const done = (): void => {
      this.#waiting -= 1;
    };
    this.#last = result.then(done, done);
    return result;
  }

  /** Takes no more tasks; resolves when those taken are done. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }
}
