/** Lays equations out: aligned LaTeX, Markdown with math blocks, MathML. It refuses to change an equation. */

import type { Equation, EquationKind } from "./equation.js";
import { latexToMathml } from "./mathml.js";

/** A line of an aligned block: sides at &, the space after them. */
function row({ left, chain, right, space }: Equation): string {
  const sides = [chain, right].filter((side) => side !== undefined).map((side) => `= ${side}`);
  return `${left} &${sides.length === 0 ? "" : `${sides.join(" ")} &&`}\\in ${space}`;
}

function aligned(equations: readonly Equation[]): string {
  return `\\begin{aligned}\n${equations.map(row).join(" \\\\\n")}\n\\end{aligned}`;
}

/** All lines as one block for math mode. */
export function equationsToLatex(equations: readonly Equation[]): string {
  return aligned(equations);
}

const headings: Readonly<Record<EquationKind, string>> = {
  given: "Given",
  definition: "Forward",
  adjoint: "Backward",
  local: "Backward",
  slope: "Backward",
};

/** A heading and a block of math for each part. */
export function equationsToMarkdown(equations: readonly Equation[]): string {
  const parts = new Map<string, Equation[]>();
  for (const equation of equations) {
    const heading = headings[equation.kind];
    parts.set(heading, [...(parts.get(heading) ?? []), equation]);
  }
  return [...parts].map(([heading, lines]) => `## ${heading}\n\n$$\n${aligned(lines)}\n$$\n`).join("\n");
}

/** All lines as one MathML element, for a page that needs no script to show it. */
export function equationsToMathml(equations: readonly Equation[]): string {
  return latexToMathml(aligned(equations));
}
