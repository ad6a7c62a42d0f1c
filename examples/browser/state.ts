// What the page shows, as one value that messages change. It refuses to touch the page.

import type { Message } from "./messages.js";

type Ready = Extract<Message, { type: "ready" }>;
type Tested = Extract<Message, { type: "tested" }>;
type Failed = Extract<Message, { type: "failed" }>;

export interface State {
  readonly phase: "idle" | "preparing" | "training" | "finished" | "stopped" | "failed";
  /** What is being prepared. */
  readonly what: string;
  readonly ready: Ready | undefined;
  readonly tested: Tested | undefined;
  readonly failed: Failed | undefined;
  /** What happened to the device. */
  readonly notice: string;
  readonly steps: number;
  /** The latest reports of steps, oldest first, over which the rate is taken. */
  readonly recent: readonly { readonly time: number; readonly steps: number }[];
}

export const idle: State = {
  phase: "idle",
  what: "",
  ready: undefined,
  tested: undefined,
  failed: undefined,
  notice: "",
  steps: 0,
  recent: [],
};

/** Milliseconds over which the rate is taken. */
const span = 1500;

/** The state after a message. */
export function reduce(state: State, message: Message): State {
  switch (message.type) {
    case "preparing":
      return { ...idle, phase: "preparing", what: message.what };
    case "ready":
      return { ...state, phase: "training", ready: message };
    case "steps": {
      const { time, losses } = message;
      const steps = state.steps + losses.length;
      const recent = [...state.recent.filter((report) => time - report.time < span), { time, steps }];
      return { ...state, steps, recent };
    }
    case "tested":
      return { ...state, tested: message };
    case "notice":
      return { ...state, notice: message.text };
    case "failed":
      return { ...state, phase: "failed", failed: message };
    case "finished":
    case "stopped":
      return { ...state, phase: message.type };
  }
}

/** Steps a second over the latest reports; undefined when there are too few. */
export function stepsPerSecond({ recent }: State): number | undefined {
  const first = recent[0];
  const last = recent.at(-1);
  if (first === undefined || last === undefined || last.time === first.time) return undefined;
  return (1000 * (last.steps - first.steps)) / (last.time - first.time);
}
