/** What is inspected: a graph, a plan, or both, read from files. It refuses what is neither. */

import { type Graph, graphFromJson, parseGraph, parseJson } from "@adjoint/core";
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
  if (text.trim() === "") throw new Error("The file is empty.");
  if (!/^\s*\{/.test(text)) throw new Error("This is neither JSON nor the text of a graph.");
  const json = parseJson(text);
  const format = typeof json === "object" && json !== null && "format" in json ? json.format : undefined;
  if (format === "adjoint.plan") return { plan: planFromJson(text) };
  if (format === "adjoint.graph") return { graph: graphFromJson(json) };
  throw new Error('This is no file of Adjoint: its "format" is neither "adjoint.graph" nor "adjoint.plan".');
}

/** What is opened, and a sentence for whatever had to be left out. */
export interface Opened {
  readonly subject: Subject;
  readonly omitted: readonly string[];
}

/** A subject with the name of its file. */
export interface Named extends Subject {
  readonly name: string;
}

/**
 * What files that came together hold, with what was open: the last graph and the last plan. A new graph closes the plan that was
 * open, and a plan that is of another graph leaves that out.
 */
export function join(known: Subject, files: readonly Named[]): Opened {
  const graphs = files.filter(({ graph }) => graph !== undefined);
  const plans = files.filter(({ plan: made }) => made !== undefined);
  const [addedGraph, addedPlan] = [graphs.at(-1), plans.at(-1)];
  const omitted = [
    ...graphs.slice(0, -1).map(({ name }) => `${name} is left out: one graph is shown, the last.`),
    ...plans.slice(0, -1).map(({ name }) => `${name} is left out: one plan is shown, the last.`),
  ];
  const graph = addedGraph?.graph ?? known.graph;
  const made = addedPlan?.plan;
  if (made === undefined) return { subject: graph === undefined ? known : { graph }, omitted };
  if (graph === undefined) return { subject: { plan: made }, omitted };
  const planned = plannedGraph(graph);
  const foreign = foreignName(made, planned);
  if (foreign === undefined) return { subject: { graph, plan: made, planned }, omitted };
  const left = addedGraph === undefined ? "The graph that was open" : addedGraph.name;
  const reason = `${left} is left out: the plan is of another graph, with "${foreign}".`;
  return { subject: { plan: made }, omitted: [...omitted, reason] };
}

/** The graph with a plan for the reference target. */
export function withPlan({ graph }: Subject): Opened {
  if (graph === undefined) return { subject: {}, omitted: [] };
  return join({ graph }, [{ name: "the plan", plan: plan(graph, { target: reference().target }) }]);
}
