/** The fifth exercise: a graph that is too large for one device, cut in two, against a smaller batch. */

import { formatBytes, type Plan } from "@adjoint/scheduler";
import { batchOf, withBatch } from "../batch.js";
import { type Html, html, table } from "../html.js";
import type { Layer } from "../layers.js";
import { type Cut, cutsOf } from "../partition.js";
import type { Measured, Study } from "../study.js";
import { percent } from "../words.js";

/** As many cuts as a reader compares. */
const shownCuts = 8;

export function partitionAnswer(
  study: Study,
  measured: readonly Measured[],
  training: Plan | undefined,
  layers: readonly Layer[],
): Html {
  const whole = training === undefined ? 0 : occupied(training);
  const cuts = training === undefined ? [] : cutsOf(training, layers);
  const balanced = [...cuts].sort((a, b) => Math.max(...a.devices) - Math.max(...b.devices));
  const chosen = balanced.slice(0, shownCuts);
  const best = balanced[0];
  return html`<h3>5. If the graph is too large for one device: can it be partitioned, and how does that compare with a smaller batch?</h3>
<p>Yes: every value has an address and a lifetime in the plan, so that a cut between two layers says which values would cross it.
These figures are read off the plan for one device, in its order of steps; neither half is planned again, transfers are not
scheduled, and nothing was run on two devices; parameters that both halves read are counted on both. On one device the objective with its gradient holds ${formatBytes(whole)}, parameters and inputs included.</p>
${
  best === undefined
    ? html`<p>The network has only one layer with forward work, so there is nothing to cut between.</p>\n`
    : html`${table<Cut>(
        chosen.length < cuts.length
          ? `The ${chosen.length} most even of ${cuts.length} cuts`
          : "Cuts between two layers",
        [
          { title: "cut after", cell: ({ after }) => after },
          { title: "first device", number: true, cell: ({ devices }) => formatBytes(devices[0]) },
          { title: "second device", number: true, cell: ({ devices }) => formatBytes(devices[1]) },
          { title: "sent forward", number: true, cell: ({ sent }) => formatBytes(sent[0]) },
          { title: "sent back", number: true, cell: ({ sent }) => formatBytes(sent[1]) },
          { title: "work of the first", number: true, cell: ({ share }) => percent(share) },
        ],
        chosen,
      )}<p>The most even cut, after ${best.after}, leaves ${percent(Math.max(...best.devices) / Math.max(1, whole))} of the memory on the larger device
and sends ${formatBytes(best.sent[0] + best.sent[1])} in every step.</p>\n`
}${batches(study, measured)}<p>A cut also divides the parameters and keeps the batch and its statistics whole, but values cross it in every step, and one device waits
for the other unless several smaller batches are under way at once. A smaller batch needs neither a second device nor transfers and
divides what grows with the examples, but not parameters, gradients and optimizer state; its products are smaller, which uses a
device less well; one step of it is a noisier estimate unless gradients are accumulated, which then gives the same gradient (though
not for layers that mix examples, such as batch normalization).</p>
`;
}

function occupied({ memory }: Plan): number {
  return memory.parameterBytes + memory.inputBytes + memory.constantBytes + memory.arenaBytes;
}

interface Batch {
  readonly examples: number;
  readonly plan: Plan;
}

/** What the gradient of smaller batches takes. */
function batches(study: Study, measured: readonly Measured[]): Html {
  const { objective } = study;
  const whole = measured.find(({ name }) => name === "with its gradient");
  const size = objective === undefined ? undefined : batchOf(objective.graph);
  if (objective === undefined || whole === undefined || size === undefined) return html``;
  const rows: Batch[] = [{ examples: size, plan: whole.plan }];
  for (const parts of [2, 4, 8].filter((each) => size % each === 0)) {
    const smaller = withBatch(objective.graph, size, size / parts);
    if (typeof smaller === "string")
      return html`<p>Smaller batches could not be planned: the first axis of the inputs is not that of independent examples. ${smaller}</p>\n`;
    const planned = study.gradientOf(smaller);
    if (planned !== undefined) rows.push({ examples: size / parts, plan: planned });
  }
  if (rows.length < 2) return html``;
  return table<Batch>(
    "Smaller batches instead, each planned",
    [
      { title: "examples in a batch", cell: ({ examples }) => examples },
      { title: "batches for one step", number: true, cell: ({ examples }) => size / examples },
      { title: "intermediate values", number: true, cell: ({ plan }) => formatBytes(plan.memory.arenaBytes) },
      { title: "in all", number: true, cell: ({ plan }) => formatBytes(occupied(plan)) },
      {
        title: "of the whole batch",
        number: true,
        cell: ({ plan }) => percent(occupied(plan) / Math.max(1, occupied(whole.plan))),
      },
    ],
    rows,
  );
}
