/**
 * A program and its plan as one page that needs nothing else: the graph, the equations, memory, costs, the textbook's exercises
 * answered for this program, and the inspector. It refuses to run the program, and to load anything from anywhere.
 */

import { type Graph, graph, graphToJson } from "@adjoint/core";
import { budgetCurve, gradient, type Plan, planToJson, reference } from "@adjoint/scheduler";
import type { Target } from "@adjoint/scheduler/plan";
import { loadRenderer } from "../drawing/svg.js";
import { type Html, html, trusted } from "./html.js";
import { layersOf } from "./layers.js";
import { type Curve, costSection } from "./sections/cost.js";
import { equationsSection } from "./sections/equations.js";
import { exercisesSection } from "./sections/exercises.js";
import { graphSection } from "./sections/graph.js";
import { inspectorSection } from "./sections/inspector.js";
import { memorySection } from "./sections/memory.js";
import { derivatives, elements, Study } from "./study.js";
import { style } from "./style.js";
import { count } from "./words.js";

export interface ReportOptions {
  /** The heading; "Report" and the name of the objective when absent. */
  readonly title?: string;
  /** The output that is differentiated; the program's only scalar output when absent. */
  readonly of?: string;
  /** What it is differentiated by; all parameters that are no state when absent. */
  readonly wrt?: readonly string[];
  /** The node that inference gives; found where the objective compares it with data when absent. */
  readonly prediction?: string;
  /** What the programs beside this one (prediction, derivatives, smaller batches) are planned for; the reference when absent. */
  readonly target?: Target;
  /** Points of the curve of memory against work, which takes most of the time; 4 when absent, 0 leaves it out. */
  readonly budgets?: number;
  /** Stops between two parts. */
  readonly signal?: AbortSignal;
}

/**
 * The page as text. `plan` is the plan of `program`; a program that trains, with gradients or updates, is studied by its objective.
 * @throws NameError for an unknown output or node, GradientError for nodes that are not float.
 */
export async function report(program: Graph, plan: Plan, options: ReportOptions = {}): Promise<string> {
  const { target = reference().target, budgets = 4, signal, title } = options;
  const render = await loadRenderer();
  // The page's own script is large, and only pages need it.
  const { inspector } = await import("./inspector.js");
  const study = new Study(program, { ...options, target });
  const measured = study.orders();
  signal?.throwIfAborted();
  const labeled = study.labeledGradient();
  const layers = labeled === undefined ? [] : layersOf(labeled.graph, labeled.plan, target);
  signal?.throwIfAborted();
  const stop = signal === undefined ? {} : { signal };
  const curve = budgets === 0 ? undefined : curveOf(study, { target, points: budgets, ...stop });
  const sections = [
    graphSection(study, render, plan),
    equationsSection(study),
    memorySection(plan, measured),
    costSection(measured, layers, curve),
    exercisesSection(study, render, measured, labeled?.plan, layers),
    inspectorSection(),
  ];
  signal?.throwIfAborted();
  const name = title ?? (study.objective === undefined ? "Report" : `Report of ${study.objective.name}`);
  return page(name, summary(study, plan), sections, [
    data("graph", JSON.stringify(graphToJson(program))),
    data("plan", planToJson(plan)),
    html`<script>${trusted(inspector)}</script>\n`,
  ]);
}

/** Of the program, with its gradient where it has no derivatives itself: what is kept for those can be evaluated again. */
function curveOf({ program, objective }: Study, options: Parameters<typeof budgetCurve>[1]): Curve {
  const isPlain = program.updates.length === 0 && program.nodes.every((node) => node.derivativeOrder === 0);
  if (!isPlain || objective === undefined || objective.wrt.length === 0)
    return { program: "this program", points: budgetCurve(program, options) };
  const { name, node, wrt } = objective;
  const outputs = { [name]: node, ...derivatives("∂", wrt, gradient(node, wrt)) };
  return { program: "this program with its gradient", points: budgetCurve(graph({ outputs }), options) };
}

function summary({ program, objective }: Study, plan: Plan): Html {
  const weights = program.parameters.filter(({ attributes }) => attributes["state"] !== true);
  return html`<p>${program.nodes.length} nodes, ${count(elements(weights))} parameters in ${weights.length} tensors${
    objective === undefined ? undefined : html`; objective ${objective.name}`
  }. Planned for ${plan.target}: ${plan.steps.length} kernels, ${count(plan.memory.flops)} scalar operations a run. All of this is known before anything runs.</p>
`;
}

function page(title: string, intro: Html, sections: readonly Html[], embedded: readonly Html[]): string {
  const links = sections.flatMap((section) => {
    const [, id, text] = /<h2 id="([^"]*)">([^<]*)<\/h2>/.exec(section.html) ?? [];
    return id === undefined ? [] : [html`<li><a href="#${id}">${trusted(text ?? "")}</a></li>`];
  });
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header><h1>${title}</h1>
${intro}<nav aria-label="Contents"><ul>${links}</ul></nav></header>
<main id="content">
${sections}</main>
${embedded}</body>
</html>
`.html;
}

/** Data for the page's script, which cannot end it. */
function data(id: string, json: string): Html {
  return html`<script type="application/json" id="data-${id}">${trusted(json.replaceAll("<", "\\u003c"))}</script>
`;
}
