// Opening a session as one observable: what is being prepared, then the session; unsubscribing cancels.

import type { Graph } from "@adjoint/core";
import { compile, type SessionEvent, type SessionGroup } from "@adjoint/scheduler";
import { declareModel, type Settings } from "examples/textbook-mlp/model.js";
import { block } from "examples/textbook-mlp/predict.js";
import { Observable } from "rxjs";
import { candidates, type Description, describeBackend } from "./backends.js";
import type { Choice, Message, Rejection } from "./messages.js";

export type Session = SessionGroup<{
  readonly train: Graph<"x" | "y", "J">;
  readonly predict: Graph<"x", "o">;
}>;

export interface Opened {
  readonly type: "opened";
  readonly session: Session;
  readonly backend: Description;
  readonly rejected: readonly Rejection[];
}

/** Steps between two copies of the parameters from which a lost GPU is replaced. */
const snapshotEvery = 50;

/** Plans and loads the network on the first backend that works. */
export function opening(settings: Settings, choice: Choice): Observable<Message | Opened> {
  return new Observable((subscriber) => {
    const abort = new AbortController();
    const rejected: Rejection[] = [];
    const onEvent = (event: SessionEvent): void => {
      if (event.type === "rejected") rejected.push(event);
      if (event.type === "load")
        subscriber.next({ type: "preparing", what: `Compiling kernel ${event.done} of ${event.total}` });
    };
    const open = async (): Promise<void> => {
      const model = declareModel(settings);
      const programs = { train: model.train, predict: model.predict(block) };
      const backend = candidates[choice]();
      const recovery = { recover: true, snapshotEvery };
      const session = await compile(programs, { backend, onEvent, signal: abort.signal, ...recovery });
      if (subscriber.closed) return session.dispose();
      subscriber.next({
        type: "opened",
        session,
        backend: await describeBackend(session.train.plan.target),
        rejected,
      });
      subscriber.complete();
    };
    open().catch((error: unknown) => subscriber.error(error));
    return () => abort.abort();
  });
}
