/** What a session reports while it lives. */

import { concat, defer, from, type Observable, Subject } from "rxjs";
import type { CacheReport } from "../cache/cache.js";
import type { PassProgress } from "../passes/stage.js";

export type SessionEvent =
  /** A planning pass of a program is done. */
  | { readonly type: "pass"; readonly program: string; readonly pass: string; readonly milliseconds: number }
  /** A pass that searches has got so far. */
  | ({ readonly type: "search"; readonly program: string } & PassProgress)
  /** A program has its plan, of so many micro-batches. */
  | { readonly type: "planned"; readonly program: string; readonly microBatches: number }
  /** What came of a look into the cache, or of an addition to it. */
  | CacheReport
  /** The backend has prepared `done` of `total` kernels. */
  | { readonly type: "load"; readonly done: number; readonly total: number }
  /** A step of a program is done. */
  | { readonly type: "step"; readonly program: string; readonly index: number; readonly milliseconds: number }
  /** A backend of several could not be had; the next one is tried. */
  | { readonly type: "rejected"; readonly backend: string; readonly reason: string }
  /** The device is gone; nothing can run until the session has recovered. */
  | { readonly type: "lost"; readonly reason: string }
  /** Another device holds the parameters as they were after `kept` steps; `undone` later ones have not happened. */
  | { readonly type: "recovered"; readonly kept: number; readonly undone: number };

/** Hands events on as they happen, and keeps those before the session began for whoever asks later. */
export class EventLog {
  readonly #history: SessionEvent[] = [];
  readonly #live = new Subject<SessionEvent>();
  readonly #onEvent: (event: SessionEvent) => void;
  #begun = false;

  constructor(onEvent: (event: SessionEvent) => void = () => undefined) {
    this.#onEvent = onEvent;
  }

  report(event: SessionEvent): void {
    if (this.#begun) {
      if (this.#live.observed) this.#live.next(event);
    } else {
      this.#history.push(event);
      this.#onEvent(event);
    }
  }

  /** The session begins: what came before it, then what happens. */
  begin(): Observable<SessionEvent> {
    this.#begun = true;
    return defer(() => concat(from(this.#history), this.#live));
  }

  end(): void {
    this.#live.complete();
  }
}
