// Training as one observable: nothing happens before it is subscribed to, and unsubscribing stops it between two steps.

import { cpu } from "@adjoint/backend-cpu";
import { AdjointError, type Graph } from "@adjoint/core";
import { compile, type SessionGroup } from "@adjoint/scheduler";
import { batches } from "examples/textbook-mlp/batches.js";
import { type DigitSets, pixels } from "examples/textbook-mlp/dataset.js";
import { DataError, OptionError } from "examples/textbook-mlp/errors.js";
import { declareModel, type Settings } from "examples/textbook-mlp/model.js";
import { accuracy, block, predictions } from "examples/textbook-mlp/predict.js";
import {
  bufferTime,
  catchError,
  concat,
  concatMap,
  defer,
  filter,
  finalize,
  from,
  map,
  mergeMap,
  Observable,
  of,
  range,
} from "rxjs";
import { digitsFrom } from "./data.js";
import type { Command, Message, Sample } from "./messages.js";
import { paced } from "./pace.js";

type Start = Extract<Command, { type: "start" }>;
type Session = SessionGroup<{ readonly train: Graph<"x" | "y", "J">; readonly predict: Graph<"x", "o"> }>;

interface Training {
  readonly session: Session;
  readonly digits: DigitSets;
  readonly settings: Settings;
}

/** Milliseconds between two messages about steps. */
const interval = 50;
/** Test digits that are shown. */
const shown = 24;

/** The messages of one training, from its preparation to its end or failure. */
export function training(start: Start): Observable<Message> {
  return prepare(start).pipe(catchError((error: unknown) => of(failure(error))));
}

function prepare({ settings, files, epochs }: Start): Observable<Message> {
  const preparing = (what: string): Observable<Message> => of({ type: "preparing", what });
  return concat(
    preparing(files.length === 0 ? "Drawing digits" : "Reading digits"),
    defer(() => digitsFrom(files, settings.seed)).pipe(
      mergeMap((digits) => concat(preparing("Planning and compiling"), run(digits, settings, epochs))),
    ),
  );
}

function run(digits: DigitSets, settings: Settings, epochs: number): Observable<Message> {
  return opened(settings).pipe(
    mergeMap((session) => {
      const training = { session, digits, settings };
      const ready: Message = {
        type: "ready",
        backend: "cpu",
        rejected: [],
        plan: session.train.plan,
        trainCount: digits.train.labels.length,
        testCount: digits.test.labels.length,
      };
      const rounds = range(1, epochs).pipe(
        concatMap((epoch) => concat(steps(training, epoch), tested(training, epoch))),
      );
      return concat(of(ready), rounds, of<Message>({ type: "finished" })).pipe(
        finalize(() => session.dispose()),
      );
    }),
  );
}

/** The session; unsubscribing while it is compiled cancels that. */
function opened(settings: Settings): Observable<Session> {
  return new Observable((subscriber) => {
    const abort = new AbortController();
    const model = declareModel(settings);
    const programs = { train: model.train, predict: model.predict(block) };
    compile(programs, { backend: cpu(), signal: abort.signal }).then(
      (session) => {
        if (subscriber.closed) void session.dispose();
        subscriber.next(session);
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(error),
    );
    return () => abort.abort();
  });
}

function steps({ session, digits, settings }: Training, epoch: number): Observable<Message> {
  const { batch, seed } = settings;
  return defer(() => session.train.stream(paced(batches(digits.train, { batch, seed, epoch })))).pipe(
    map(({ outputs }) => outputs.J.item()),
    bufferTime(interval),
    filter((losses) => losses.length > 0),
    map((losses): Message => ({ type: "steps", losses, time: performance.now() })),
  );
}

function tested({ session, digits: { test } }: Training, epoch: number): Observable<Message> {
  return defer(() => from(predictions(session.predict, test.images))).pipe(
    map((found): Message => {
      const samples = Array.from({ length: Math.min(shown, test.labels.length) }, (_, i): Sample => {
        const image = test.images.subarray(i * pixels, (i + 1) * pixels);
        const gray = Uint8ClampedArray.from(image, (value) => 255 * value);
        return { gray, label: test.labels[i] ?? 0, found: found[i] ?? 0 };
      });
      return { type: "tested", epoch, accuracy: accuracy(found, test), samples };
    }),
  );
}

function failure(error: unknown): Message {
  const expected = [AdjointError, DataError, OptionError].some((kind) => error instanceof kind);
  return { type: "failed", message: error instanceof Error ? inWords(error) : String(error), expected };
}

/** Options are written as on the command line; here they are fields. */
function inWords({ message }: Error): string {
  return message.replace(/^--([a-z])/, (_, letter: string) => letter.toUpperCase());
}
