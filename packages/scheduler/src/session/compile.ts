/** compile: from declared graphs to a session that runs. */

import { type DType, DTypeError, Graph, NameError, type Node } from "@adjoint/core";
import type { Backend } from "../backend/backend.js";
import { plan } from "../passes/pipeline.js";
import type { Plan } from "../plan/plan.js";
import { EventLog, type SessionEvent } from "./events.js";
import type { Program } from "./program.js";
import { type LoadedSession, loadSession, type ParameterStore } from "./session.js";

export interface CompileOptions {
  readonly backend: Backend;
  /** Stops planning and loading between two passes or kernels. */
  readonly signal?: AbortSignal;
  /** Receives compile events as they happen; the session's `events$` repeats them. */
  readonly onEvent?: (event: SessionEvent) => void;
  /** Verify the program after every pass and replay the plan. */
  readonly verify?: boolean;
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
 * @throws DTypeError for a node whose dtype the backend lacks, NameError for program names that a session uses itself.
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
  const plans = new Map(
    Object.entries(graphs).map(([name, graph]) => [name, planFor(name, graph, options, events)]),
  );
  const loaded = await loadSession(plans, options, events);
  return single ? one(loaded) : group(loaded);
}

/** Loads a saved plan without planning. The caller knows the names of its feeds and outputs. */
export async function load(
  saved: Plan,
  options: { readonly backend: Backend; readonly signal?: AbortSignal },
): Promise<Session> {
  if (saved.target !== options.backend.target.name) {
    throw new NameError(
      `The plan is for target "${saved.target}", not "${options.backend.target.name}": plan again.`,
    );
  }
  return one(await loadSession(new Map([["program", saved]]), options));
}

function planFor(program: string, graph: Graph, options: CompileOptions, events: EventLog): Plan {
  const { target } = options.backend;
  checkDTypes(graph, target.dtypes, target.name);
  return plan(graph, {
    target,
    onPass: ({ pass, milliseconds }) => events.report({ type: "pass", program, pass, milliseconds }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.verify === undefined ? {} : { verify: options.verify }),
  });
}

function checkDTypes(graph: Graph, supported: readonly DType[], target: string): void {
  const refused = graph.nodes.find((node: Node) => !supported.includes(node.dtype));
  if (refused !== undefined) {
    throw new DTypeError(
      `${String(refused)}: ${target} has no ${refused.dtype}; use ${supported.join(", ")}.`,
      graph.nameOf(refused),
    );
  }
}

function one({ store, programs }: LoadedSession): Session {
  const program = programs.get("program");
  if (program === undefined) throw new NameError("The session has no program.");
  return Object.assign(store, {
    plan: program.plan,
    run: program.run.bind(program),
    stream: program.stream.bind(program),
  });
}

function group({ store, programs }: LoadedSession): ParameterStore {
  const taken = [...programs.keys()].find((name) => name in store);
  if (taken !== undefined)
    throw new NameError(`A program cannot be called "${taken}": a session has that already.`, taken);
  return Object.assign(store, Object.fromEntries(programs));
}
