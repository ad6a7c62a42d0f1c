// Training as one observable: nothing happens before it is subscribed to, and unsubscribing stops it between two steps.

import { AdjointError, DeviceLostError } from "@adjoint/core";
import { batches } from "examples/textbook-mlp/batches.js";
import { type DigitSets, pixels } from "examples/textbook-mlp/dataset.js";
import { DataError, OptionError } from "examples/textbook-mlp/errors.js";
import type { Settings } from "examples/textbook-mlp/model.js";
import { accuracy, predictions } from "examples/textbook-mlp/predict.js";
import {
  bufferTime,
  catchError,
  concat,
  concatMap,
  defer,
  filter,
  finalize,
  from,
  type MonoTypeOperatorFunction,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  range,
  retry,
  throwError,
  timer,
} from "rxjs";
import { digitsFrom } from "./data.js";
import type { Command, Message, Sample } from "./messages.js";
import { type Opened, opening, type Session } from "./opening.js";
import { paced, resumable } from "./pace.js";

type Start = Extract<Command, { type: "start" }>;
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

function prepare({ settings, choice, files, epochs }: Start): Observable<Message> {
  const preparing = (what: string): Observable<Message> => of({ type: "preparing", what });
  return concat(
    preparing(files.length === 0 ? "Drawing digits" : "Reading digits"),
    defer(() => digitsFrom(files, settings.seed)).pipe(
      mergeMap((digits) =>
        concat(
          preparing("Planning"),
          opening(settings, choice).pipe(
            mergeMap((message) =>
              message.type === "opened" ? run(message, digits, settings, epochs) : of(message),
            ),
          ),
        ),
      ),
    ),
  );
}

function run(
  { session, backend, rejected }: Opened,
  digits: DigitSets,
  settings: Settings,
  epochs: number,
): Observable<Message> {
  const training = { session, digits, settings };
  const ready: Message = {
    type: "ready",
    backend,
    rejected,
    plan: session.train.plan,
    trainCount: digits.train.labels.length,
    testCount: digits.test.labels.length,
  };
  const rounds = range(1, epochs).pipe(
    concatMap((epoch) => concat(steps(training, epoch), tested(training, epoch))),
  );
  const whole = concat(of(ready), rounds, of<Message>({ type: "finished" })).pipe(
    // Which ends the session's events, too.
    finalize(() => session.dispose()),
  );
  return merge(notices(session), whole);
}

/** What the user should know of the device. */
function notices({ events$ }: Session): Observable<Message> {
  return events$.pipe(
    map((event): Message | undefined => {
      if (event.type === "lost") return { type: "notice", text: `The GPU was lost: ${event.reason}` };
      if (event.type !== "recovered") return undefined;
      const { undone } = event;
      return { type: "notice", text: `The GPU was lost and replaced; ${undone} steps were taken back.` };
    }),
    filter((message) => message !== undefined),
  );
}

function steps({ session, digits, settings }: Training, epoch: number): Observable<Message> {
  const { batch, seed } = settings;
  const left = resumable(batches(digits.train, { batch, seed, epoch }));
  return defer(() => session.train.stream(paced(left))).pipe(
    onNewDevice(),
    map(({ outputs }) => outputs.J.item()),
    bufferTime(interval),
    filter((losses) => losses.length > 0),
    map((losses): Message => ({ type: "steps", losses, time: performance.now() })),
  );
}

function tested({ session, digits: { test } }: Training, epoch: number): Observable<Message> {
  return defer(() => from(predictions(session.predict, test.images))).pipe(
    onNewDevice(),
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

/** Goes on after a lost device, which the session replaces by itself, unless that happens again and again. */
function onNewDevice<T>(): MonoTypeOperatorFunction<T> {
  return retry({
    count: 3,
    resetOnSuccess: true,
    delay: (error: unknown) => (error instanceof DeviceLostError ? timer(100) : throwError(() => error)),
  });
}

function failure(error: unknown): Message {
  const expected = [AdjointError, DataError, OptionError].some((kind) => error instanceof kind);
  return { type: "failed", message: error instanceof Error ? inWords(error) : String(error), expected };
}

/** Options are written as on the command line; here they are fields. */
function inWords({ message }: Error): string {
  return message.replace(/^--([a-z])/, (_, letter: string) => letter.toUpperCase());
}
