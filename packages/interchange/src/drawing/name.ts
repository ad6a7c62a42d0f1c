/** Names as plain text that reads like mathematics: W1 is W⁽¹⁾, lambda is λ. */

import { differentiatedBy } from "../scope.js";

const greek: Readonly<Record<string, string>> = {
  alpha: "α",
  beta: "β",
  gamma: "γ",
  delta: "δ",
  epsilon: "ε",
  eta: "η",
  theta: "θ",
  lambda: "λ",
  mu: "μ",
  sigma: "σ",
  tau: "τ",
  phi: "φ",
  psi: "ψ",
  omega: "ω",
};

const raised = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A name, or a derivative of names such as ∂J/∂W1. */
export function readable(name: string): string {
  const below = differentiatedBy(name);
  if (below?.startsWith("∂") === true)
    return `${readable(name.slice(0, -below.length - 2))}/∂(${readable(below)})`;
  return name.replaceAll(
    /(^|[∂/.])([A-Za-z]+)(\d*)(?=$|[/._])/g,
    (_, before: string, word: string, digits: string) => {
      const above = [...digits].map((digit) => raised[Number(digit)] ?? digit).join("");
      return `${before}${(Object.hasOwn(greek, word) ? greek[word] : undefined) ?? word}${above === "" ? "" : `⁽${above}⁾`}`;
    },
  );
}
