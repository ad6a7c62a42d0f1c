// The figures and words about a training: phase, loss, accuracy, rate, backend, and what went wrong.

import type { LossCurve } from "../curve.js";
import type { Rejection } from "../messages.js";
import { type State, stepsPerSecond } from "../state.js";
import { element, setText } from "./page.js";

/** Returns what shows a state. */
export function figures(curve: LossCurve): (state: State) => void {
  const start = element("start", HTMLButtonElement);
  const stop = element("stop", HTMLButtonElement);
  const status = element("status", HTMLElement);
  const problem = element("problem", HTMLElement);
  const note = element("note", HTMLElement);
  const loss = element("loss", HTMLElement);
  const accuracy = element("accuracy", HTMLElement);
  const rate = element("rate", HTMLElement);
  const backend = element("backend", HTMLElement);
  const detail = element("detail", HTMLElement);

  return (state) => {
    const busy = state.phase === "preparing" || state.phase === "training";
    start.disabled = busy;
    stop.disabled = !busy;
    setText(status, phases[state.phase](state));
    const wrong = problemOf(state, curve);
    problem.hidden = wrong === "";
    setText(problem, wrong);
    setText(loss, curve.steps === 0 ? "–" : curve.trend.toFixed(4));
    setText(accuracy, state.tested === undefined ? "–" : percent(state.tested.accuracy));
    const current = stepsPerSecond(state);
    setText(rate, current === undefined ? "–" : thousands(current));
    setText(backend, state.ready?.backend.name ?? "–");
    setText(detail, state.ready?.backend.detail ?? "");
    const remarks = [
      ...(state.ready?.rejected ?? []).map(inWords),
      ...(state.notice === "" ? [] : [state.notice]),
    ];
    note.hidden = remarks.length === 0;
    setText(note, remarks.join("\n"));
  };
}

function inWords({ backend, reason }: Rejection): string {
  return `Not on the ${backend.toUpperCase()}: ${reason}`;
}

const phases: Readonly<Record<State["phase"], (state: State) => string>> = {
  idle: () => "Ready to train.",
  preparing: ({ what }) => `${what} …`,
  training: ({ ready, tested }) => {
    const done = tested === undefined ? "first epoch" : `epoch ${tested.epoch + 1}`;
    return `Training on ${thousands(ready?.trainCount ?? 0)} digits, ${done}.`;
  },
  finished: ({ tested }) => `Finished after ${count(tested?.epoch ?? 0, "epoch")}.`,
  stopped: ({ steps }) => `Stopped after ${count(steps, "step")}.`,
  failed: () => "Did not finish.",
};

function problemOf({ failed }: State, { steps, trend }: LossCurve): string {
  if (failed?.expected) return failed.message;
  if (failed !== undefined) {
    return `Something went wrong that should not have: ${failed.message}. Reload the page to start afresh.`;
  }
  const diverged = steps > 0 && !Number.isFinite(trend);
  return diverged ? "The loss is no longer a number: a smaller learning rate helps." : "";
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function count(number: number, what: string): string {
  return `${thousands(number)} ${what}${number === 1 ? "" : "s"}`;
}

/** A count with its thousands apart: 12 345. */
function thousands(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, "\u202f");
}
