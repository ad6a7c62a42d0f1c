/**
 * The exercises of the textbook's section on forward and backward propagation, answered for the user's own network. Source of the
 * questions: Zhang et al., "Dive into Deep Learning", section 5.3.6. Every number is of a plan; it refuses to estimate silently.
 */

import type { Node } from "@adjoint/core";
import { formatBytes, gradient, type Plan } from "@adjoint/scheduler";
import { draw } from "../../drawing/dot.js";
import type { Renderer } from "../../drawing/svg.js";
import { derive } from "../../equations/derive.js";
import type { Equation } from "../../equations/equation.js";
import { compareBias } from "../bias.js";
import { details, figure, type Html, html, table } from "../html.js";
import type { Layer } from "../layers.js";
import { elements, type Measured, type Objective, type Study } from "../study.js";
import { count, ratio, shapeOf } from "../words.js";
import { math } from "./equations.js";
import { footprintTable } from "./memory.js";
import { partitionAnswer } from "./partition.js";

export function exercisesSection(
  study: Study,
  render: Renderer,
  measured: readonly Measured[],
  training: Plan | undefined,
  layers: readonly Layer[],
): Html {
  const { objective } = study;
  if (objective === undefined || objective.wrt.length === 0) return html``;
  return html`<section aria-labelledby="exercises"><h2 id="exercises">The chapter's exercises, for this network</h2>
${shapesAnswer(study, objective)}
${biasAnswer(study, render, objective)}
${footprintAnswer(study, measured)}
${secondAnswer(objective, measured)}
${partitionAnswer(study, measured, training, layers)}</section>
`;
}

interface Derivative {
  readonly name: string;
  readonly node: Node;
  readonly derivative: Node;
}

function shapesAnswer(study: Study, objective: Objective): Html {
  const data = objective.graph.inputs.filter(({ dtype }) => dtype.startsWith("float"));
  const by = [...data, ...objective.wrt];
  const found = gradient(objective.node, by);
  const rows = by.flatMap((node, position): Derivative[] => {
    const derivative = found[position];
    return derivative === undefined ? [] : [{ name: study.nameOf(node), node, derivative }];
  });
  return html`<h3>1. If X is an n × m matrix, what is the dimensionality of the gradient of a scalar function of it?</h3>
<p>n × m: a scalar has one partial derivative by each element, so its gradient has the shape of what it is taken by. Here:</p>
${table<Derivative>(
  `Shapes of the derivatives of ${objective.name}`,
  [
    { title: "by", cell: ({ name }) => name },
    { title: "its shape", number: true, cell: ({ node }) => shapeOf(node.shape) },
    { title: "shape of the gradient", number: true, cell: ({ derivative }) => shapeOf(derivative.shape) },
  ],
  rows,
)}`;
}

function biasAnswer(study: Study, render: Renderer, objective: Objective): Html {
  const title = html`<h3>2. Add a bias to the hidden layer: the graph, and the equations forward and backward</h3>\n`;
  const compared = compareBias(objective.graph);
  if (compared === undefined)
    return html`${title}<p>No activation of this network follows a matrix product, so there is no hidden layer to give a bias.</p>\n`;
  const { layer, bias, has } = compared;
  const lines = (graph: typeof compared.with): readonly Equation[] =>
    derive(graph, {
      wrt: [
        ...objective.wrt.map((node) => study.nameOf(node)).filter((name) => name !== bias),
        ...(graph === compared.with ? [bias] : []),
      ],
    });
  const [plain, biased] = [lines(compared.without), lines(compared.with)];
  const missing = difference(plain, biased);
  const changed = difference(biased, plain);
  const shown = compared.with.nodes.length <= 120;
  return html`${title}<p>${
    has
      ? html`The layer ${layer} has the bias ${bias} already. Against the network without it, these lines are new or differ:`
      : html`With a bias ${bias} in the layer ${layer}, these lines are new or differ, ${changed.length} of ${biased.length}; every other line stays:`
  }</p>
${math(changed)}<p>In the network without it they are, ${missing.length} of ${plain.length}:</p>
${math(missing)}${details("All equations with the bias", math(biased))}${
  shown
    ? figure(
        render(draw(compared.with, { derivatives: true })),
        `The graph with the bias ${bias} in the layer ${layer}`,
      )
    : undefined
}`;
}

function difference(lines: readonly Equation[], others: readonly Equation[]): Equation[] {
  const known = new Set(others.map(({ left, right }) => `${left} = ${right ?? ""}`));
  return lines.filter(({ left, right }) => !known.has(`${left} = ${right ?? ""}`));
}

function footprintAnswer(study: Study, measured: readonly Measured[]): Html {
  const of = (name: string): Measured | undefined => measured.find((each) => each.name === name);
  const rows = [of("prediction"), of("objective"), of("with its gradient")].flatMap((each) => each ?? []);
  const exact = rows.map((each) => ({ name: each.name, elements: study.exactElements(each.graph) }));
  const sizes = exact.filter((each) => each.elements !== undefined);
  return html`<h3>3. The memory footprint of training and of prediction</h3>
<p>${elements(study.objective?.wrt ?? [])} numbers are parameters. Beside them, their plans take:</p>
${footprintTable("Footprint", rows)}${
  sizes.length === 0
    ? undefined
    : html`<p>Intermediate values, gradients among them, without rounding up to the alignment of ${study.target.name}: ${sizes
        .map((each) =>
          `${(each.elements ?? 0).toLocaleString("en-US")} numbers for the ${each.name}`.replace(
            "the with",
            "the objective with",
          ),
        )
        .join(
          ", ",
        )}. Prediction frees each value with its last use; training keeps what the derivatives read.</p>\n`
}`;
}

function secondAnswer(objective: Objective, measured: readonly Measured[]): Html {
  const of = (name: string): Measured | undefined => measured.find((each) => each.name === name);
  const [forward, first, second] = ["objective", "with its gradient", "with a Hessian-vector product"].map(
    of,
  );
  const title = html`<h3>4. Second derivatives: what happens to the graph, and how long does it take?</h3>\n`;
  if (forward === undefined || first === undefined || second === undefined) return title;
  const size = elements(objective.wrt);
  const product = second.plan.memory.flops - first.plan.memory.flops;
  return html`${title}<p>The gradient is a graph like any other, so that it can be differentiated again. The graph grows from
${forward.nodes} nodes to ${first.nodes} with the gradient and to ${second.nodes} with the product of the Hessian and one direction;
the scalar operations from ${count(forward.plan.memory.flops)} to ${count(first.plan.memory.flops)}
(${ratio(first.plan.memory.flops, forward.plan.memory.flops)}) and ${count(second.plan.memory.flops)}
(${ratio(second.plan.memory.flops, first.plan.memory.flops)}); the multiply-adds of its products from
${forward.multiplyAdds} to ${first.multiplyAdds} and ${second.multiplyAdds}. So one product with the Hessian costs a small multiple of a gradient.</p>
<p>The whole Hessian has ${count(size)} rows, one such product each: about ${count(size * product)} scalar operations, or
${ratio(size * product, first.plan.memory.flops)} the gradient, and ${formatBytes(4 * size * size)} to hold it. That is why second-order
methods use products with it rather than the Hessian itself.</p>
`;
}
