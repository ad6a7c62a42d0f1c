/** Lays equations out: aligned LaTeX, Markdown with math blocks, MathML. It refuses to change an equation. */

import type { Equation } from "./equation.js";
import { brokenUp } from "./lines.js";
import { latexToMathml } from "./mathml.js";

/** An equation in an aligned block: sides at &, the space after them; a line for each where one would be too long. */
function row({ left, chain, right, space }: Equation): string {
  const sides = [chain, right].filter((side) => side !== undefined).map((side) => `= ${side}`);
  const lines = brokenUp(sides);
  return `${left} &${lines.join(" \\\\\n&")}${lines.length === 0 ? "" : " &&"}\\in ${space}`;
}

function aligned(equations: readonly Equation[]): string {
  return `\\begin{aligned}\n${equations.map(row).join(" \\\\\n")}\n\\end{aligned}`;
}

/** All lines as one block for math mode. */
export function equationsToLatex(equations: readonly Equation[]): string {
  return aligned(equations);
}

export interface EquationPart {
  readonly title: string;
  readonly equations: readonly Equation[];
}

function titleOf({ kind, order }: Equation): string {
  if (order === 0) return kind === "given" ? "Given" : "Forward";
  return order === 1 ? "Backward" : "Hessian times V";
}

/** The parts of a derivation, in order. */
export function equationParts(equations: readonly Equation[]): readonly EquationPart[] {
  const parts = new Map<string, Equation[]>();
  for (const equation of equations) {
    const title = titleOf(equation);
    parts.set(title, [...(parts.get(title) ?? []), equation]);
  }
  return [...parts].map(([title, lines]) => ({ title, equations: lines }));
}

/** A heading and a block of math for each part. */
export function equationsToMarkdown(equations: readonly Equation[]): string {
  return equationParts(equations)
    .map((part) => `## ${part.title}\n\n$$\n${aligned(part.equations)}\n$$\n`)
    .join("\n");
}

/** All lines as one MathML element, for a page that needs no script to show it. */
export function equationsToMathml(equations: readonly Equation[]): string {
  return latexToMathml(aligned(equations));
}
