/** Which nodes of a program its plan evaluates again instead of keeping them. It refuses to know why. */

import {
  graph as freeze,
  type Graph,
  label,
  type Node,
  VerificationError,
  withOperands,
} from "@adjoint/core";
import type { Plan } from "@adjoint/scheduler";
import { foreignName, plannedGraph } from "../planned.js";

/**
 * Nodes whose values more than one step of the plan evaluates.
 * @throws VerificationError for a plan of another program.
 */
export function evaluatedAgain(program: Graph, plan: Plan): ReadonlySet<Node> {
  const planned = plannedGraph(program);
  const foreign = foreignName(plan, planned);
  if (foreign !== undefined)
    throw new VerificationError(
      `The plan is of another graph: it evaluates "${foreign}", which this one lacks.`,
      foreign,
    );
  const declared = declaredNames(program, planned);
  const seen = new Set<string>();
  const again = new Set<Node>();
  for (const { nodes } of plan.steps) {
    for (const name of new Set(nodes)) {
      const origin = declared.get(name);
      if (origin !== undefined && seen.has(name)) again.add(program.node(origin));
      seen.add(name);
    }
  }
  return again;
}

/**
 * The names under which nodes of the planned graph were declared; those that rewriting made have none. Rewriting keeps labels and
 * never looks at them, so a program with a label for every node becomes the same nodes in the same order.
 */
function declaredNames(program: Graph, planned: Graph): ReadonlyMap<string, string | undefined> {
  const origins = plannedGraph(labeled(program)).nodes.map((node) => node.label);
  return new Map(planned.nodes.map((node, position) => [planned.nameOf(node), origins[position]]));
}

/** The program with every node under its name as a label. */
function labeled(program: Graph): Graph {
  const made = new Map<Node, Node>();
  const of = (node: Node): Node => made.get(node) ?? node;
  for (const node of program.nodes)
    made.set(node, label(withOperands(node, node.operands.map(of)), program.nameOf(node)));
  const outputs = Object.entries<Node>(program.outputs).map(([name, node]) => [name, of(node)]);
  const updates = program.updates.map(({ parameter, value }) => ({
    parameter: of(parameter),
    value: of(value),
  }));
  return freeze({ outputs: Object.fromEntries(outputs), updates });
}
