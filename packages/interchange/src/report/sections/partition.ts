/** The fifth exercise: a graph that is too large for one device, cut in two, against a smaller batch. */

import { accumulate, formatBytes, MicroBatchError, type Plan } from "@adjoint/scheduler";
import { batchOf, withBatch } from "../batch.js";
import { type Html, html, table } from "../html.js";
import type { Layer } from "../layers.js";
import { type Cut, cutsOf } from "../partition.js";
import type { Measured, Study } from "../study.js";
import { count, percent } from "../words.js";

/** Numbers of parts that are tried. */
const tried = [2, 4, 8];

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
}${smallerBatches(study, measured)}<p>A cut also divides the parameters and keeps the batch and its statistics whole, but values cross it in every step, and one device waits
for the other unless several smaller batches are under way at once. A smaller batch needs neither a second device nor transfers and
divides what grows with the examples, but not parameters, gradients and optimizer state; its products are smaller, which uses a
device less well. By itself its gradient is a noisier estimate; added up over all parts it is the same, except for layers that mix examples, such as
batch normalization, but then each part's gradients stand beside their sum, which costs more than it saves where parameters outweigh activations.</p>
`;
}

function occupied({ memory }: Plan): number {
  return memory.parameterBytes + memory.inputBytes + memory.constantBytes + memory.arenaBytes;
}

interface Parts {
  readonly parts: number;
  /** The gradient of one part by itself, and that of the whole batch from all parts. */
  readonly alone: Plan;
  readonly together: Plan | undefined;
}

/** What smaller batches take: by themselves, and added up to the same gradient. */
function smallerBatches(study: Study, measured: readonly Measured[]): Html {
  const { objective } = study;
  const whole = measured.find(({ name }) => name === "with its gradient");
  const size = objective === undefined ? undefined : batchOf(objective.graph);
  if (objective === undefined || whole === undefined || size === undefined) return html``;
  const rows: Parts[] = [{ parts: 1, alone: whole.plan, together: whole.plan }];
  let refused: string | undefined;
  for (const parts of tried.filter((count) => size % count === 0)) {
    const smaller = withBatch(objective.graph, size, size / parts);
    if (typeof smaller === "string")
      return html`<p>Smaller batches could not be planned: the first axis of the inputs is not that of examples that are independent.
${smaller}</p>\n`;
    const together = added(study, whole, parts);
    if (typeof together === "string") refused = together;
    const alone = study.gradientOf(smaller);
    rows.push({ parts, alone, together: typeof together === "string" ? undefined : together });
  }
  if (rows.length < 2) return html``;
  const shared = (plan: Plan | undefined): string =>
    plan === undefined
      ? "—"
      : `${formatBytes(occupied(plan))} (${percent(occupied(plan) / occupied(whole.plan))})`;
  return html`${table<Parts>(
    "Smaller batches instead, each planned",
    [
      { title: "batches", cell: ({ parts }) => parts },
      { title: "examples in each", number: true, cell: ({ parts }) => size / parts },
      { title: "one by itself, in all", number: true, cell: ({ alone }) => shared(alone) },
      { title: "all, added up to the same gradient", number: true, cell: ({ together }) => shared(together) },
      {
        title: "scalar operations of that",
        number: true,
        cell: ({ together }) => (together === undefined ? "—" : count(together.memory.flops)),
      },
    ],
    rows,
  )}${refused === undefined ? undefined : html`<p>The parts do not add up to the same gradient: ${refused}</p>\n`}`;
}

/** The gradient of the whole batch from its parts, or why there is none. */
function added(study: Study, whole: Measured, parts: number): Plan | string {
  try {
    return study.plan(accumulate(whole.graph, { microBatches: parts }));
  } catch (error) {
    if (error instanceof MicroBatchError) return error.message;
    throw error;
  }
}
