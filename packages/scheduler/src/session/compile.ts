/** compile: from declared graphs to a session that runs. */

import { AdjointError, Graph, NameError } from "@adjoint/core";
import type { Target } from "../backend/backend.js";
import { FolderCache } from "../cache/cache.js";
import type { Folder } from "../cache/folder.js";
import { keptPlan } from "../cache/plans.js";
import type { MicroBatches } from "../micro-batches/index.js";
import { checkMicroBatches, planningInParts } from "../micro-batches/plan.js";
import { inTurns } from "../pausing.js";
import type { Plan } from "../plan/plan.js";
import { type BackendChoice, firstOf, openBackend } from "./choose.js";
import { EventLog, type SessionEvent } from "./events.js";
import type { Program } from "./program.js";
import type { RecoveryOptions } from "./residence.js";
import { type LoadedSession, loadSession, type ParameterStore } from "./session.js";

export interface CompileOptions extends RecoveryOptions {
  /** Where to run; of several the first that works, and an event `rejected` says why each one before did not. */
  readonly backend: BackendChoice | readonly BackendChoice[];
  /** Stops planning and loading between two passes or kernels. */
  readonly signal?: AbortSignal;
  /** Receives compile events as they happen; the session's `events$` repeats them. */
  readonly onEvent?: (event: SessionEvent) => void;
  /** Verify the program after every pass and replay the plan; it is planned anew, whatever the cache has. */
  readonly verify?: boolean;
  /**
   * What the arena of each program may take at most, in bytes or as a text like "64 MiB": everything but parameters,
   * optimizer state, inputs and constants, which `plan.memory` states. Kernels run again where that is needed to fit.
   */
  readonly memoryBudget?: number | string;
  /** Seconds that planning may search: about 0.3 by default, 2 with a memory budget. */
  readonly planningTime?: number;
  /**
   * In how many equal parts of their batch programs with updates compute: 1 by default; "auto" for as few as the memory
   * budget asks for. Results differ by the rounding of sums.
   */
  readonly microBatches?: MicroBatches;
  /**
   * A folder of plans and of what backends have compiled: a program that was compiled there before, by the same release of
   * Adjoint for the same device and options, is not compiled again. It takes 1024 files of a kind at most; events
   * of type "cache" say what was found. In browsers it asks for a secure page. Default: none.
   */
  readonly cache?: Folder;
}

export type Session<Feeds extends string = string, Outputs extends string = string> = ParameterStore &
  Program<Feeds, Outputs>;

/** Several programs over one copy of their parameters and one arena as large as the largest. */
export type SessionGroup<Programs extends Readonly<Record<string, Graph>>> = ParameterStore & {
  readonly [Name in keyof Programs]: Programs[Name] extends Graph<infer Feeds, infer Outputs>
    ? Program<Feeds, Outputs>
    : never;
};

/**
 * Plans a graph, or several that share parameters, and loads it into a backend.
 * @throws DTypeError for a node whose dtype the backend lacks, MemoryError for a tensor larger than its buffers,
 * MemoryBudgetError where no plan within the budget is found (it states the smallest that was, and what is alive there),
 * MicroBatchError for a step that does not divide into so many micro-batches,
 * UnavailableError for a backend that is not there, NameError for program names that a session uses itself.
 */
export async function compile<Feeds extends string, Outputs extends string>(
  program: Graph<Feeds, Outputs>,
  options: CompileOptions,
): Promise<Session<Feeds, Outputs>>;
export async function compile<const Programs extends Readonly<Record<string, Graph>>>(
  programs: Programs,
  options: CompileOptions,
): Promise<SessionGroup<Programs>>;
export async function compile(
  programs: Graph | Readonly<Record<string, Graph>>,
  options: CompileOptions,
): Promise<unknown> {
  const single = programs instanceof Graph;
  const graphs: Readonly<Record<string, Graph>> = single ? { program: programs } : programs;
  if (options?.backend === undefined) {
    throw new NameError("compile needs a backend: pass { backend: cpu() } from @adjoint/backend-cpu.");
  }
  const events = new EventLog(options.onEvent);
  const loaded = await firstOf(
    choicesOf(options.backend),
    async (choice) => {
      const { target } = await openBackend(choice);
      const plans = new Map<string, Plan>();
      for (const [name, graph] of Object.entries(graphs)) {
        const planned = planFor(name, graph, target, options, events);
        plans.set(name, await (single ? planned : ofProgram(name, planned)));
      }
      return loadSession(plans, { ...options, backend: choice }, events);
    },
    (event) => events.report(event),
  );
  return single ? one(loaded) : group(loaded);
}

function choicesOf(backend: CompileOptions["backend"]): readonly BackendChoice[] {
  return "length" in backend ? backend : [backend];
}

export interface LoadPlanOptions extends RecoveryOptions {
  readonly backend: BackendChoice;
  readonly signal?: AbortSignal;
  /** As of `compile`, for what the backend compiles. */
  readonly cache?: Folder;
}

/** Loads a saved plan without planning. The caller knows the names of its feeds and outputs. */
export async function load(saved: Plan, options: LoadPlanOptions): Promise<Session> {
  const { target } = await openBackend(options.backend);
  if (saved.target !== target.name) {
    throw new NameError(`The plan is for target "${saved.target}", not "${target.name}": plan again.`);
  }
  return one(await loadSession(new Map([["program", saved]]), options));
}

async function planFor(
  program: string,
  graph: Graph,
  target: Target,
  { memoryBudget, planningTime, microBatches = 1, signal, verify = false, cache }: CompileOptions,
  events: EventLog,
): Promise<Plan> {
  checkMicroBatches(microBatches);
  const work = planningInParts(graph, graph.updates.length === 0 ? 1 : microBatches, {
    target,
    memoryBudget,
    planningTime,
    signal,
    verify,
    onPass: ({ pass, milliseconds }) => events.report({ type: "pass", program, pass, milliseconds }),
    onProgress: (progress) => events.report({ type: "search", program, ...progress }),
  });
  const request = { graph, target, memoryBudget, planningTime, microBatches };
  const kept =
    cache === undefined || verify ? undefined : new FolderCache(cache, (event) => events.report(event));
  const planned = await keptPlan(kept, request, () => inTurns(work));
  events.report({ type: "planned", program, microBatches: planned.microBatches });
  return planned.plan;
}

/** Puts the name of a program of several before what is wrong with it. */
async function ofProgram<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AdjointError) error.message = `${name}: ${error.message}`;
    throw error;
  }
}

function one({ store, programs }: LoadedSession): Session {
  const program = programs.get("program");
  if (program === undefined) throw new NameError("The session has no program.");
  return Object.assign(store, {
    plan: program.plan,
    run: program.run.bind(program),
    output: program.output.bind(program),
    profile: program.profile.bind(program),
    stream: program.stream.bind(program),
  });
}

function group({ store, programs }: LoadedSession): ParameterStore {
  const taken = [...programs.keys()].find((name) => name in store);
  if (taken !== undefined)
    throw new NameError(`A program cannot be called "${taken}": a session has that already.`, taken);
  return Object.assign(store, Object.fromEntries(programs));
}
