/** Tasks of a session, one after the other. */

import { DisposedError } from "@adjoint/core";

export class Queue {
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  /** Runs a task after all earlier ones, whether they failed or not. @throws DisposedError after `close`. */
  enqueue<T>(task: () => Promise<T>): Promise<T> {
    if (this.#closed) {
      return Promise.reject(new DisposedError("The session is disposed; compile the program again."));
    }
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Takes no more tasks; resolves when those taken are done. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }
}
