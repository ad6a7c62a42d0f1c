/** Memory: the timeline of the plan, and what inference and training take. */

import { drawMemory, formatBytes, type Plan } from "@adjoint/scheduler";
import { figure, type Html, html, table } from "../html.js";
import type { Measured } from "../study.js";

export interface Footprint {
  readonly name: string;
  readonly plan: Plan;
}

export function memorySection(plan: Plan, measured: readonly Measured[]): Html {
  const { memory } = plan;
  const footprints: Footprint[] = [
    ...measured.filter(
      ({ name }) => name === "prediction" || name === "objective" || name === "with its gradient",
    ),
    { name: "this program", plan },
  ];
  return html`<section aria-labelledby="memory"><h2 id="memory">Memory</h2>
${footprintTable("What inference and training take", footprints)}
${figure(drawMemory(plan), `Every buffer of this program's plan for ${plan.target}: time to the right, addresses upwards`)}
<p>At its peak, step ${memory.peakStep}, the plan holds ${formatBytes(memory.maxLiveBytes)} of intermediate values in an arena of
${formatBytes(memory.arenaBytes)}; no arena can be smaller than ${formatBytes(memory.maxLiveBytes)} for this order of steps.</p>
${
  memory.retained.length === 0
    ? undefined
    : table(
        "Kept by forward propagation for the derivatives",
        [
          { title: "value", cell: ({ node }) => node },
          { title: "memory", number: true, cell: ({ bytes }) => formatBytes(bytes) },
        ],
        memory.retained,
      )
}</section>
`;
}

export function footprintTable(caption: string, rows: readonly Footprint[]): Html {
  const bytes = (title: string, of: (plan: Plan) => number) => ({
    title,
    number: true,
    cell: ({ plan }: Footprint) => formatBytes(of(plan)),
  });
  return table<Footprint>(
    caption,
    [
      { title: "program", cell: ({ name }) => name },
      bytes("parameters", ({ memory }) => memory.parameterBytes - memory.stateBytes),
      bytes("optimizer state", ({ memory }) => memory.stateBytes),
      bytes("inputs", ({ memory }) => memory.inputBytes),
      bytes("intermediate values", ({ memory }) => memory.arenaBytes),
      bytes("kept for derivatives", ({ memory }) => memory.retainedBytes),
      bytes(
        "in all",
        ({ memory }) => memory.parameterBytes + memory.inputBytes + memory.constantBytes + memory.arenaBytes,
      ),
    ],
    rows,
  );
}
