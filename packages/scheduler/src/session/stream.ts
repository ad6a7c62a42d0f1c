/**
 * Batches through steps, in order, as many in flight as the backend takes: results come while the source is waited for, and all
 * of them before it is told that the source has failed. It refuses to know what a step is.
 */

import { from, isObservable, Observable, type ObservableInput, type Subscriber } from "rxjs";

/** How steps are begun; `inFlight` may be pending at a time. */
export interface Stepping<Batch, Step> {
  begin(batch: Batch): Promise<Step>;
  readonly inFlight: number;
}

export function streamSteps<Batch, Step>(
  batches: ObservableInput<Batch>,
  stepping: Stepping<Batch, Step>,
): Observable<Step> {
  return new Observable((subscriber) => {
    const line = new Line(stepping, subscriber);
    if (!isIterable(batches)) {
      return from(batches).subscribe({
        next: (batch) => line.add(batch),
        error: (error: unknown) => line.end(() => subscriber.error(error)),
        complete: () => line.end(() => subscriber.complete()),
      });
    }
    const isAsync = Symbol.asyncIterator in batches;
    const source = isAsync ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
    line.pullFrom(source);
    return () => {
      if (!line.hasEnded) leave(source);
    };
  });
}

/** A source that is waiting stops when it is done with that; what it has to say then reaches nobody. */
async function leave(source: Source<unknown>): Promise<void> {
  try {
    await source.return?.();
  } catch {
    // Nobody listens any more.
  }
}

function isIterable<T>(batches: ObservableInput<T>): batches is Iterable<T> | AsyncIterable<T> {
  return !isObservable(batches) && (Symbol.iterator in batches || Symbol.asyncIterator in batches);
}

type Source<Batch> = Iterator<Batch> | AsyncIterator<Batch>;

class Line<Batch, Step> {
  readonly #stepping: Stepping<Batch, Step>;
  readonly #subscriber: Subscriber<Step>;
  /** Batches that came before their step could begin. */
  readonly #waiting: { readonly batch: Batch }[] = [];
  /** Steps whose results are not told yet, and the last of them. */
  #running = 0;
  #last: Promise<unknown> = Promise.resolve();
  /** Where to ask for batches; undefined while an answer is waited for. */
  #source: Source<Batch> | undefined;
  #finish: (() => void) | undefined;

  constructor(stepping: Stepping<Batch, Step>, subscriber: Subscriber<Step>) {
    this.#stepping = stepping;
    this.#subscriber = subscriber;
  }

  /** Batches are asked for when a step may begin. */
  pullFrom(source: Source<Batch>): void {
    this.#source = source;
    this.#advance();
  }

  get hasEnded(): boolean {
    return this.#finish !== undefined;
  }

  add(batch: Batch): void {
    this.#waiting.push({ batch });
    this.#advance();
  }

  /** No more batches come: `finish` is called when the results of those that did are told. */
  end(finish: () => void): void {
    this.#finish = finish;
    this.#advance();
  }

  #advance(): void {
    while (!this.#subscriber.closed && this.#running < this.#stepping.inFlight) {
      const next = this.#waiting.shift();
      if (next !== undefined) this.#begin(next.batch);
      else if (!this.#pull()) break;
    }
    if (this.#running === 0 && this.#waiting.length === 0) this.#finish?.();
  }

  #begin(batch: Batch): void {
    this.#running += 1;
    const step = this.#stepping.begin(batch);
    // A step that fails while an earlier one is waited for is reported in its turn.
    step.catch(() => undefined);
    const told = this.#last.then(() => step);
    this.#last = told;
    told.then(
      (result) => {
        this.#subscriber.next(result);
        this.#running -= 1;
        this.#advance();
      },
      (error: unknown) => this.#subscriber.error(error),
    );
  }

  /** Asks for a batch; true where it is there at once. */
  #pull(): boolean {
    const source = this.#source;
    if (source === undefined) return false;
    this.#source = undefined;
    const take = ({ done, value }: IteratorResult<Batch>): void => {
      if (done === true) {
        this.#finish = () => this.#subscriber.complete();
        return;
      }
      this.#waiting.push({ batch: value });
      this.#source = source;
    };
    const fail = (error: unknown): void => {
      this.#finish = () => this.#subscriber.error(error);
    };
    try {
      const next = source.next();
      if (!("then" in next)) {
        take(next);
        return this.#waiting.length > 0;
      }
      next.then(take, fail).then(() => this.#advance());
    } catch (error) {
      fail(error);
    }
    return false;
  }
}
