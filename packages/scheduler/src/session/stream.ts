/**
 * Batches through steps, in order, as many in flight as the backend takes: results come while the source is waited for, and all
 * of them before it is told that the source, or a later step, has failed. It refuses to know what a step is.
 */

import { AdjointError } from "@adjoint/core";
import {
  from,
  isObservable,
  Observable,
  type ObservableInput,
  Subject,
  type Subscriber,
  takeUntil,
} from "rxjs";

/** Calls a step when it is its turn, or fails where it may not begin any more. */
export type Gate<Step> = (step: () => Promise<Step>) => Promise<Step>;

/** How steps are begun, each through a gate; `inFlight` may be pending at a time. */
export interface Stepping<Batch, Step> {
  /** Begins the step of a batch. @throws at once for a batch that no step can take. */
  begin(batch: Batch, gate: Gate<Step>): Promise<Step>;
  /** Takes over a batch whose step begins later. @throws at once for a batch that no step can take. */
  hold(batch: Batch): (gate: Gate<Step>) => Promise<Step>;
  readonly inFlight: number;
  /** Fails when no step can begin any more. */
  readonly stopped: Observable<never>;
}

export function streamSteps<Batch, Step>(
  batches: ObservableInput<Batch>,
  stepping: Stepping<Batch, Step>,
): Observable<Step> {
  return new Observable((subscriber) => {
    const line = new Line(stepping, subscriber);
    subscriber.add(() => line.leave());
    subscriber.add(stepping.stopped.subscribe({ error: (error: unknown) => line.fail(error) }));
    if (subscriber.closed) return;
    if (!isIterable(batches)) line.listenTo(from(batches));
    else if (Symbol.asyncIterator in batches) line.pullFrom(batches[Symbol.asyncIterator]());
    else line.pullFrom(batches[Symbol.iterator]());
  });
}

function isIterable<T>(batches: ObservableInput<T>): batches is Iterable<T> | AsyncIterable<T> {
  return !isObservable(batches) && (Symbol.iterator in batches || Symbol.asyncIterator in batches);
}

type Source<Batch> = Iterator<Batch> | AsyncIterator<Batch>;

/** A source that is waiting stops when it is done with that; what it has to say then reaches nobody. */
async function abandon(source: Source<unknown>): Promise<void> {
  try {
    await source.return?.();
  } catch {
    // Nobody listens any more.
  }
}

class Line<Batch, Step> {
  readonly #stepping: Stepping<Batch, Step>;
  readonly #subscriber: Subscriber<Step>;
  /** Begin the steps of batches that came too early. */
  readonly #waiting: ((gate: Gate<Step>) => Promise<Step>)[] = [];
  /** Steps whose results are not told yet, and the last of them. */
  #running = 0;
  #last: Promise<unknown> = Promise.resolve();
  #hasFailed = false;
  /** Where to ask for batches; undefined while an answer is waited for. */
  #source: Source<Batch> | undefined;
  /** Tells the source to stop; nothing where it has ended by itself. */
  #stop: (() => void) | undefined;
  /** Says how the stream has ended, once no more batches come. */
  #finish: (() => void) | undefined;

  constructor(stepping: Stepping<Batch, Step>, subscriber: Subscriber<Step>) {
    this.#stepping = stepping;
    this.#subscriber = subscriber;
  }

  /** Batches are asked for when a step may begin. */
  pullFrom(source: Source<Batch>): void {
    this.#source = source;
    this.#stop = () => void abandon(source);
    this.#advance();
  }

  /** Batches come when they like. */
  listenTo(source: Observable<Batch>): void {
    const left = new Subject<void>();
    this.#stop = () => left.next();
    source.pipe(takeUntil(left)).subscribe({
      next: (batch) => this.#add(batch),
      error: (error: unknown) => this.#end(() => this.#subscriber.error(error)),
      complete: () => this.#end(() => this.#subscriber.complete()),
    });
  }

  /** Takes no more from the source. */
  leave(): void {
    const stop = this.#stop;
    this.#stop = undefined;
    this.#source = undefined;
    stop?.();
  }

  /** Begins no more steps; the error is told when the results of those begun are. */
  fail(error: unknown): void {
    if (this.#finish === undefined || this.#waiting.length > 0) {
      this.#finish = () => this.#subscriber.error(error);
    }
    this.#waiting.length = 0;
    this.leave();
    this.#advance();
  }

  /** The source has ended: `finish` is called when the results of what it gave are told. */
  #end(finish: () => void): void {
    this.#stop = undefined;
    this.#finish ??= finish;
    this.#advance();
  }

  /** A batch is read before this returns: its source may use the arrays again. */
  #add(batch: Batch): void {
    if (this.#finish !== undefined) return;
    if (this.#waiting.length === 0 && this.#hasRoom) {
      this.#begin((gate) => this.#stepping.begin(batch, gate));
      return;
    }
    try {
      this.#waiting.push(this.#stepping.hold(batch));
    } catch (error) {
      this.#waiting.push(() => {
        throw error;
      });
    }
  }

  get #hasRoom(): boolean {
    return !this.#subscriber.closed && this.#running < this.#stepping.inFlight;
  }

  #advance(): void {
    while (this.#hasRoom) {
      const begin = this.#waiting.shift();
      if (begin !== undefined) this.#begin(begin);
      else if (!this.#pull()) break;
    }
    if (this.#running === 0 && this.#waiting.length === 0) this.#finish?.();
  }

  /** No step follows one that failed, even where it was asked for before that. */
  readonly #gate: Gate<Step> = async (step) => {
    if (this.#hasFailed || this.#subscriber.closed) {
      throw new AdjointError("The stream has ended before this step.", "batches");
    }
    try {
      return await step();
    } catch (error) {
      this.#hasFailed = true;
      this.fail(error);
      throw error;
    }
  };

  #begin(begin: (gate: Gate<Step>) => Promise<Step>): void {
    let step: Promise<Step>;
    try {
      step = begin(this.#gate);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#running += 1;
    const told = this.#last.then(() => step);
    this.#last = told;
    // A step that fails while an earlier one is waited for is reported in its turn.
    step.catch(() => undefined);
    told.then(
      (result) => {
        this.#subscriber.next(result);
        this.#running -= 1;
        this.#advance();
      },
      (error: unknown) => this.#subscriber.error(error),
    );
  }

  /** Asks for a batch; true where the answer is there at once. */
  #pull(): boolean {
    const source = this.#source;
    if (source === undefined) return false;
    this.#source = undefined;
    const take = (answer: IteratorResult<Batch>): void => {
      if (this.#finish !== undefined) return;
      if (typeof answer !== "object" || answer === null) throw answerError(answer);
      if (answer.done === true) {
        this.#end(() => this.#subscriber.complete());
        return;
      }
      this.#source = source;
      this.#add(answer.value);
    };
    const fail = (error: unknown): void => this.#end(() => this.#subscriber.error(error));
    try {
      const next = source.next();
      if (typeof next !== "object" || next === null || !("then" in next)) {
        take(next);
        return true;
      }
      Promise.resolve(next)
        .then(take)
        .catch(fail)
        .then(() => this.#advance());
    } catch (error) {
      fail(error);
    }
    return false;
  }
}

function answerError(answer: unknown): AdjointError {
  return new AdjointError(
    `The source of the batches answered ${String(answer)}; its next() has to give { value, done }, or a promise of that.`,
    "batches",
  );
}
