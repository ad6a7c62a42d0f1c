/** Costs: what each order of derivative adds, what each layer takes, and what a smaller budget of memory would cost. */

import { type BudgetPoint, drawBudgetCurve, formatBytes } from "@adjoint/scheduler";
import { figure, type Html, html, table } from "../html.js";
import type { Layer } from "../layers.js";
import type { Measured } from "../study.js";
import { count, percent, ratio } from "../words.js";

function ordersTable(measured: readonly Measured[]): Html {
  const before = new Map(measured.map((each, position) => [each, measured[position - 1]]));
  return table<Measured>(
    "What each order of derivative does, each with what is above it",
    [
      { title: "program", cell: ({ name }) => name },
      { title: "nodes", number: true, cell: ({ nodes }) => nodes },
      { title: "kernels run", number: true, cell: ({ plan }) => plan.steps.length },
      { title: "multiply-adds of products", number: true, cell: ({ multiplyAdds }) => multiplyAdds },
      { title: "scalar operations", number: true, cell: ({ plan }) => count(plan.memory.flops) },
      {
        title: "times the row above",
        number: true,
        cell: (row) => {
          const above = before.get(row);
          return above === undefined ? "" : ratio(row.plan.memory.flops, above.plan.memory.flops);
        },
      },
      { title: "intermediate values", number: true, cell: ({ plan }) => formatBytes(plan.memory.arenaBytes) },
    ],
    measured,
  );
}

function layersTable(layers: readonly Layer[]): Html {
  const all = layers.reduce((total, { forward, backward }) => total + forward + backward, 0);
  return table<Layer>(
    "Cost by layer, of the objective with its gradient",
    [
      { title: "layer", cell: ({ name }) => name },
      { title: "parameters", number: true, cell: ({ parameters }) => parameters },
      { title: "forward operations", number: true, cell: ({ forward }) => count(forward) },
      { title: "backward operations", number: true, cell: ({ backward }) => count(backward) },
      {
        title: "share",
        number: true,
        cell: ({ forward, backward }) => percent((forward + backward) / Math.max(1, all)),
      },
      { title: "kept for backward", number: true, cell: ({ retainedBytes }) => formatBytes(retainedBytes) },
    ],
    layers,
  );
}

/** Plans within budgets of memory. */
export interface Curve {
  /** Which program they are of, in words. */
  readonly program: string;
  readonly points: readonly BudgetPoint[];
}

export function costSection(
  measured: readonly Measured[],
  layers: readonly Layer[],
  curve: Curve | undefined,
): Html {
  return html`<section aria-labelledby="cost"><h2 id="cost">Cost</h2>
${ordersTable(measured)}
${layers.length === 0 ? undefined : layersTable(layers)}
${curve === undefined ? undefined : budget(curve)}</section>
`;
}

function budget({ program, points }: Curve): Html {
  const [smallest] = points;
  const title = html`<h3>Less memory for more work</h3>\n`;
  if (smallest === undefined || points.length < 2)
    return html`${title}<p>No plan of ${program} was found that takes less memory by evaluating values again.</p>\n`;
  return html`${title}<p>Under a budget of memory, the plan of ${program} evaluates values again instead of keeping them. The smallest budget that a plan was
found for is ${formatBytes(smallest.budgetBytes)} for intermediate values.</p>
${figure(drawBudgetCurve(points), "Work added by evaluating values again, against the budget of memory")}
${table<BudgetPoint>(
  `Budgets of memory for ${program}`,
  [
    { title: "budget", cell: ({ budgetBytes }) => formatBytes(budgetBytes) },
    {
      title: "intermediate values",
      number: true,
      cell: ({ arenaBytes }) => (arenaBytes === undefined ? "no plan found" : formatBytes(arenaBytes)),
    },
    {
      title: "added work",
      number: true,
      cell: ({ overhead }) => (overhead === undefined ? "" : percent(overhead)),
    },
    {
      title: "proved to be needed",
      number: true,
      cell: ({ leastOverhead }) => (leastOverhead === undefined ? "" : percent(leastOverhead)),
    },
  ],
  points,
)}`;
}
