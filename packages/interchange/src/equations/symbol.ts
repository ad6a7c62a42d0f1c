/** Labels as mathematical symbols: W1 is W⁽¹⁾, x_t is x with index t, lambda is λ. It refuses to be unique: labels are. */

import type { Body } from "./term.js";

export type SymbolBody = Extract<Body, { kind: "symbol" }>;

const greek = new Set(
  (
    "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi omega " +
    "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
  ).split(" "),
);

/** The symbol of a name within its scope: italic for scalars, bold for vectors, matrices and tensors. */
export function symbolOf(name: string, rank: number, scope = ""): SymbolBody {
  const parts = /^([A-Za-z]+)(\d*)(?:[_.](.+))?$/.exec(name);
  const [, word = "", digits = "", rest] = parts ?? [];
  const below = [
    ...(rest === undefined ? [] : [/^[A-Za-z]$|^\d+$/.test(rest) ? rest : `\\text{${escaped(rest)}}`]),
    ...(scope === "" ? [] : [`\\text{${escaped(scope)}}`]),
  ];
  return {
    kind: "symbol",
    base: parts === null ? `\\text{${escaped(name)}}` : base(word, rank),
    superscript: digits === "" ? "" : `(${digits})`,
    subscript: below.join(", "),
    transposed: false,
  };
}

function base(word: string, rank: number): string {
  if (greek.has(word)) return rank === 0 ? `\\${word}` : `\\boldsymbol{\\${word}}`;
  if (rank > 0) return `\\mathbf{${word}}`;
  return word.length === 1 ? word : `\\mathrm{${word}}`;
}

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
};

/** Text that LaTeX prints as it is; what cannot be printed becomes a space. */
export function escaped(plain: string): string {
  return plain
    .replaceAll(/[\\^~]|[{}$&#%_]/g, (character) => escapes[character] ?? `\\${character}`)
    .replaceAll(/[\p{C}\p{Z}]+/gu, " ");
}
