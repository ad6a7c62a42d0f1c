// The page: commands go to the worker, its messages come back, and everything that is shown follows from them.

import {
  animationFrameScheduler,
  auditTime,
  distinctUntilChanged,
  filter,
  fromEvent,
  map,
  merge,
  type Observable,
  scan,
  share,
} from "rxjs";
import { LossCurve } from "./curve.js";
import type { Message } from "./messages.js";
import { idle, reduce, type State } from "./state.js";
import { lossChart } from "./view/chart.js";
import { figures } from "./view/figures.js";
import { commands } from "./view/form.js";
import { memoryPicture } from "./view/memory.js";
import { showSamples } from "./view/samples.js";

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const curve = new LossCurve();
const drawChart = lossChart(curve);
const showFigures = figures(curve);
const showMemory = memoryPicture();

const messages = merge(
  fromEvent<MessageEvent<Message>>(worker, "message").pipe(map(({ data }) => data)),
  fromEvent<ErrorEvent>(worker, "error").pipe(
    map(
      ({ message }): Message => ({
        type: "failed",
        message: message || "the worker did not start",
        expected: false,
      }),
    ),
  ),
).pipe(share());

messages.subscribe((message) => {
  if (message.type === "preparing") curve.clear();
  if (message.type === "steps") for (const loss of message.losses) curve.add(loss);
});

const state = messages.pipe(scan(reduce, idle), share());
state.pipe(auditTime(0, animationFrameScheduler)).subscribe((current) => {
  showFigures(current);
  drawChart();
});
/** A part of the state, whenever it is another one. */
function latest<T>(part: (current: State) => T | undefined): Observable<T> {
  return state.pipe(
    map(part),
    distinctUntilChanged(),
    filter((value) => value !== undefined),
  );
}
latest(({ ready }) => ready?.plan).subscribe(showMemory);
latest(({ tested }) => tested?.samples).subscribe(showSamples);

commands().subscribe((command) => worker.postMessage(command));
