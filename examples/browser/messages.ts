// What the page and its worker say to each other: commands go in, messages come out. Plain data only.

import type { Plan } from "@adjoint/scheduler/plan";
import type { Settings } from "examples/textbook-mlp/model.js";
import type { Description } from "./backends.js";

/** Which backends may run, in order of preference. */
export const choices = ["gpu", "cpu"] as const;
export type Choice = (typeof choices)[number];

export type Command =
  | {
      readonly type: "start";
      readonly settings: Settings;
      readonly choice: Choice;
      readonly epochs: number;
      /** IDX files to train on; none for drawn digits. */
      readonly files: readonly File[];
    }
  | { readonly type: "stop" };

/** A backend that could not be used, and why. */
export interface Rejection {
  readonly backend: string;
  readonly reason: string;
}

/** A test digit: 28 × 28 gray values from 0 to 255, what it is, and what the network takes it for. */
export interface Sample {
  readonly gray: Uint8ClampedArray;
  readonly label: number;
  readonly found: number;
}

export type Message =
  /** What is being done before the first step. */
  | { readonly type: "preparing"; readonly what: string }
  | {
      readonly type: "ready";
      readonly backend: Description;
      readonly rejected: readonly Rejection[];
      readonly plan: Plan;
      readonly trainCount: number;
      readonly testCount: number;
    }
  /** Steps that are done, in order; `time` is when the last one was, in milliseconds. */
  | { readonly type: "steps"; readonly losses: readonly number[]; readonly time: number }
  | {
      readonly type: "tested";
      readonly epoch: number;
      /** The share of test digits that are right. */
      readonly accuracy: number;
      readonly samples: readonly Sample[];
    }
  /** What the user should know of the device. */
  | { readonly type: "notice"; readonly text: string }
  | { readonly type: "finished" }
  | { readonly type: "stopped" }
  /** `expected`: the user can mend it; otherwise it is a mistake of the program. */
  | { readonly type: "failed"; readonly message: string; readonly expected: boolean };
