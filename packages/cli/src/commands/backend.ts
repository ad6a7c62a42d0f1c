/** The backends a command can be told to plan for, and the memory it may plan with. It refuses to load a backend that nobody asks for. */

import { cpu } from "@adjoint/backend-cpu";
import type { Backend } from "@adjoint/scheduler";
import type { Target } from "@adjoint/scheduler/plan";
import { Option } from "commander";
import { bytes } from "./options.js";

interface Offer {
  /** What plans are made for, whether this machine has it or not. */
  readonly target: () => Promise<Target>;
  readonly open: () => Promise<Backend>;
}

const backends = {
  cpu: { target: async () => cpu({ wide: true }).target, open: async () => cpu({ wide: true }) },
  gpu: {
    target: async () => (await import("@adjoint/backend-gpu")).leastTarget(),
    open: async () => (await import("@adjoint/backend-gpu")).gpu().open(),
  },
} as const satisfies Readonly<Record<string, Offer>>;

export type BackendName = keyof typeof backends;

export function backendOption(): Option {
  return new Option("--backend <name>", "what the plan is for").choices(Object.keys(backends)).default("cpu");
}

/** The most memory that a plan may take. */
export function budgetOption(): Option {
  return new Option("--budget <bytes>", "the most memory for intermediate values, such as 64MiB").argParser(
    bytes,
  );
}

/** The budget as planning takes it: absent where none is given. */
export function budgeted(budget: number | undefined): { readonly memoryBudget?: number } {
  return budget === undefined ? {} : { memoryBudget: budget };
}

/** @throws UnavailableError where this machine does not offer the backend. */
export function backendOf(name: BackendName): Promise<Backend> {
  return backends[name].open();
}

/** What plans for a backend may use: of WebGPU what every device has. Asks for no device. */
export function targetOf(name: BackendName): Promise<Target> {
  return backends[name].target();
}
