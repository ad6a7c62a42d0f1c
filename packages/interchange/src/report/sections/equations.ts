/** The equations: what is given, definitions in forward order, the chain rule, and the Hessian's product. */

import { derive } from "../../equations/derive.js";
import { equationsToLatex, equationsToMathml } from "../../equations/document.js";
import type { Equation } from "../../equations/equation.js";
import { details, type Html, html, trusted } from "../html.js";
import type { Study } from "../study.js";

/** Lines beyond which second derivatives are left out. */
const readable = 150;

export function equationsSection(study: Study): Html {
  const { objective } = study;
  if (objective === undefined)
    return html`<section aria-labelledby="equations"><h2 id="equations">Equations</h2>
<p>The program has no single scalar output to differentiate.</p></section>
`;
  const wrt = objective.wrt.map((node) => study.nameOf(node));
  const lines = derive(objective.graph, { wrt, steps: true });
  const second =
    lines.length <= readable && wrt.length > 0
      ? derive(objective.graph, { wrt, steps: true, hessian: true })
      : [];
  const known = new Set(lines.map(keyOf));
  const more = second.filter((line) => !known.has(keyOf(line)));
  const of = (...kinds: readonly Equation["kind"][]): Equation[] =>
    lines.filter(({ kind }) => kinds.includes(kind));
  return html`<section aria-labelledby="equations"><h2 id="equations">Equations</h2>
${block("Given", of("given"))}${block("Forward propagation", of("definition"))}${block("Backpropagation", of("adjoint", "local", "slope"))}${
  more.length === 0
    ? undefined
    : details(
        "Second derivatives",
        html`<p>The product of the Hessian with a direction V is the gradient of S, the inner product of the gradient with V.</p>`,
        math(more),
      )
}${details("LaTeX", html`<pre tabindex="0">${equationsToLatex(second.length > 0 ? second : lines)}</pre>`)}</section>
`;
}

function keyOf({ left, right }: Equation): string {
  return `${left} = ${right ?? ""}`;
}

function block(title: string, lines: readonly Equation[]): Html | undefined {
  return lines.length === 0 ? undefined : html`<h3>${title}</h3>\n${math(lines)}`;
}

/** Lines of one block: browsers do not break a block between pages. */
const unbroken = 12;

/** Equations as MathML that browsers show by themselves. */
export function math(lines: readonly Equation[]): Html {
  const blocks = Array.from({ length: Math.ceil(lines.length / unbroken) }, (_, k) =>
    trusted(`<div>${equationsToMathml(lines.slice(k * unbroken, (k + 1) * unbroken))}</div>\n`),
  );
  return html`<div class="wide math" tabindex="0" role="group" aria-label="equations">${blocks}</div>
`;
}
