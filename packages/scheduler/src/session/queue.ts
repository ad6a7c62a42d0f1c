/** Tasks of a session: begun in order, a given number at a time, some of them alone. */

import { DisposedError } from "@adjoint/core";

interface Waiting {
  readonly alone: boolean;
  readonly begin: () => Promise<void>;
}

export class Queue {
  readonly #atOnce: number;
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #runningAlone = false;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(atOnce = 1) {
    this.#atOnce = atOnce;
  }

  /** Whether the next task would begin at once, before `enqueue` returns. */
  idle(alone = false): boolean {
    return this.#waiting.length === 0 && this.#hasRoom(alone);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Runs a task after all earlier ones have begun, or if it has to be alone after they are done, whether they failed or not.
   * @throws DisposedError after `close`.
   */
  enqueue<T>(task: () => Promise<T>, { alone = false }: { readonly alone?: boolean } = {}): Promise<T> {
    if (this.#closed) {
      return Promise.reject(new DisposedError("The session is disposed; compile the program again."));
    }
    const result = new Promise<T>((resolve, reject) => {
      const begin = (): Promise<void> => task().then(resolve, reject);
      this.#waiting.push({ alone, begin });
    });
    const settled = result.catch(() => undefined);
    this.#last = Promise.all([this.#last, settled]);
    this.#begin();
    return result;
  }

  /** Takes no more tasks; resolves when those taken are done. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }

  #hasRoom(alone: boolean): boolean {
    return !this.#runningAlone && this.#running < (alone ? 1 : this.#atOnce);
  }

  #begin(): void {
    for (
      let next = this.#waiting[0];
      next !== undefined && this.#hasRoom(next.alone);
      next = this.#waiting[0]
    ) {
      const { alone, begin } = next;
      this.#waiting.shift();
      this.#running += 1;
      this.#runningAlone = alone;
      void begin().then(() => {
        this.#running -= 1;
        this.#runningAlone = false;
        this.#begin();
      });
    }
  }
}
