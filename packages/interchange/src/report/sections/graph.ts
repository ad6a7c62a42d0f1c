/** The graph: forward propagation, backpropagation, and the second derivatives, as pictures. */

import type { Plan } from "@adjoint/scheduler";
import { dotOf } from "../../drawing/dot.js";
import type { DrawOptions } from "../../drawing/picture.js";
import { pictureOf } from "../../drawing/picture.js";
import type { Renderer } from "../../drawing/svg.js";
import { foreignName, plannedGraph } from "../../planned.js";
import { Scopes } from "../../scope.js";
import { details, figure, type Html, html } from "../html.js";
import type { Study } from "../study.js";

/** As many marks as a picture can show and be read. */
const legible = 200;

export function graphSection(study: Study, render: Renderer, plan: Plan): Html {
  const { objective, program } = study;
  const graph = objective?.graph ?? program;
  // Of a plan of something else, as one in micro-batches is, nothing can be marked.
  const isOwn = foreignName(plan, plannedGraph(program)) === undefined;
  const marks: DrawOptions = isOwn ? { plan, program } : {};
  const scopes = new Scopes(graph);
  const hasScopes = graph.nodes.some((node) => scopes.of(node) !== "");
  const by = objective === undefined ? {} : { wrt: objective.wrt.map((node) => study.nameOf(node)) };
  const derivatives = objective !== undefined && objective.wrt.length > 0;
  const pictures: Html[] = [];
  const show = (title: string, options: DrawOptions, closed: boolean): void => {
    const drawn = pictureOf(graph, options);
    const size = drawn.marks.length;
    const picture =
      size > legible
        ? html`<p>${title}: ${size} marks are too many for a picture; the inspector below shows them.</p>`
        : figure(render(dotOf(drawn)), title);
    pictures.push(closed ? details(title, picture) : picture);
  };
  if (hasScopes) show("Forward propagation, a box for each scope", { collapse: true }, false);
  show("Forward propagation", marks, hasScopes);
  if (derivatives) {
    if (hasScopes)
      show("Forward and backward, a box for each scope", { derivatives: by, collapse: true }, false);
    show("Forward propagation and backpropagation", { derivatives: by, ...marks }, hasScopes);
    show(
      "Second derivatives: the product of the Hessian with a direction",
      { derivatives: { ...by, hessian: true }, ...(hasScopes ? { collapse: true } : {}) },
      true,
    );
  }
  return html`<section aria-labelledby="graph"><h2 id="graph">The graph</h2>
<p>Boxes are values with a name, filled where they are parameters; circles are operators. Each order of derivative has a color of
its own. Dashed arrows are values that derivatives use again: those in yellow with a double border are <em>retained</em> until then, those
marked ↻ are <em>evaluated again</em>.</p>
${pictures}</section>
`;
}
