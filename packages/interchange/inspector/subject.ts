/** What is inspected: a graph, a plan, or both, read from files. It refuses what is neither. */

import { type Graph, graphFromJson, parseGraph } from "@adjoint/core";
import { foreignName, plannedGraph } from "@adjoint/interchange";
import { type Plan, plan, planFromJson, reference } from "@adjoint/scheduler";

export interface Subject {
  readonly graph?: Graph;
  readonly plan?: Plan;
  /** The graph after the passes that the plan's names come from; only where they fit. */
  readonly planned?: Graph;
}

/** Reads a graph (JSON or text) or a plan. @throws Error that says what is wrong with the file. */
export function readSubject(text: string): Subject {
  if (/^\s*graph\s*\{/.test(text)) return { graph: parseGraph(text) };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`This is neither JSON nor the text of a graph: ${String(error)}`);
  }
  const format = typeof json === "object" && json !== null && "format" in json ? json.format : undefined;
  if (format === "adjoint.plan") return { plan: planFromJson(text) };
  if (format === "adjoint.graph") return { graph: graphFromJson(json) };
  throw new Error('This is no file of Adjoint: its "format" is neither "adjoint.graph" nor "adjoint.plan".');
}

/** Both together: a new file replaces the one of its kind, and a plan that is of another graph leaves that out. */
export function join(known: Subject, added: Subject): Subject {
  const graph = added.graph ?? known.graph;
  const made = added.plan ?? (added.graph === undefined ? known.plan : undefined);
  if (graph === undefined || made === undefined)
    return { ...(graph === undefined ? {} : { graph }), ...(made === undefined ? {} : { plan: made }) };
  const planned = plannedGraph(graph);
  if (foreignName(made, planned) === undefined) return { graph, plan: made, planned };
  return added.plan === undefined ? { graph } : { plan: made };
}

/** The graph with a plan for the reference target. */
export function withPlan({ graph }: Subject): Subject {
  return graph === undefined ? {} : join({ graph }, { plan: plan(graph, { target: reference().target }) });
}
