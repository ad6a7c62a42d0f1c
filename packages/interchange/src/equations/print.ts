/** Prints terms as LaTeX, with no parentheses but those that are needed. It refuses to simplify. */

import { number, writeNumber } from "./number.js";
import type { Body, Monomial, Term } from "./term.js";

export function printTerm(term: Term): string {
  if (term.length === 0) return "0";
  return term
    .map((monomial, position) => {
      const sign = monomial.coefficient < 0 ? "-" : position === 0 ? "" : "+";
      const shown = printMonomial({ ...monomial, coefficient: Math.abs(monomial.coefficient) });
      return position === 0 ? `${sign}${shown}` : `${sign} ${shown}`;
    })
    .join(" ");
}

/** As one factor of a product, or under a superscript. */
export function printAtom(term: Term): string {
  const [only, ...others] = term;
  if (only !== undefined && others.length === 0 && isPlain(only)) {
    if (only.body !== undefined)
      return isAtom(only.body) ? printBody(only.body) : parentheses(printTerm(term));
    const [latex, ...more] = only.over;
    if (latex !== undefined && more.length === 0) return isWord(latex) ? latex : parentheses(latex);
  }
  const shown = printTerm(term);
  return /^[\d.]+$/.test(shown) ? shown : parentheses(shown);
}

function isPlain({ coefficient, over, under, body }: Monomial): boolean {
  return coefficient === 1 && under.length === 0 && (body === undefined || over.length === 0);
}

/** A symbol that carries no superscript of its own. */
function isWord(latex: string): boolean {
  return /^\\?[A-Za-z]+$/.test(latex);
}

export function parentheses(latex: string): string {
  return `\\left(${latex}\\right)`;
}

function printMonomial({ coefficient, over, under, body }: Monomial): string {
  const written = coefficient > 0 && Number.isFinite(coefficient) ? writeNumber(coefficient) : undefined;
  const divisors = [...(written?.under === undefined ? [] : [written.under]), ...under];
  const simple = divisors.length > 0 ? over.filter((factor) => isWord(factor)) : [];
  const rest = over.filter((factor) => !simple.includes(factor));
  const ahead = written === undefined ? number(coefficient) : written.over;
  const numbers = ahead === "1" ? [] : [ahead];
  const fraction =
    divisors.length > 0
      ? [`\\frac{${[...numbers, ...simple].join(" ") || "1"}}{${divisors.join(" ")}}`]
      : numbers;
  const parts = [
    ...fraction,
    ...rest.map((factor) => (/^\\sum/.test(factor) && rest.at(-1) !== factor ? parentheses(factor) : factor)),
  ];
  if (body !== undefined) {
    const alone = parts.length === 0;
    parts.push(
      body.kind === "sum" || (!alone && body.kind === "text" && !body.atom && !/^\\sum/.test(body.latex))
        ? parentheses(inside(body))
        : printBody(body),
    );
  }
  return parts.join(" ") || "1";
}

function inside(body: Body): string {
  return body.kind === "sum" ? printTerm(body.terms) : printBody(body);
}

/** Whether it can stand in a product without parentheses. */
function isAtom(body: Body): boolean {
  return (
    !(body.kind === "chain" || body.kind === "hadamard" || body.kind === "sum") &&
    !(body.kind === "text" && !body.atom)
  );
}

function asFactor(body: Body): string {
  return isAtom(body) ? printBody(body) : parentheses(inside(body));
}

function printBody(body: Body): string {
  switch (body.kind) {
    case "symbol":
      return printSymbol(body);
    case "fraction":
      return `\\frac{${body.over}}{${body.under}}`;
    case "chain":
      return body.factors.map(asFactor).join(" ");
    case "hadamard":
      return body.factors.map(asFactor).join(" \\odot ");
    case "transposed":
      return `${parentheses(printBody(body.of))}^{\\top}`;
    case "square":
      return `${isBare(body.of) ? printBody(body.of) : parentheses(inside(body.of))}^{\\odot 2}`;
    case "sum":
      return parentheses(printTerm(body.terms));
    case "text":
      return body.latex;
  }
}

function isBare(body: Body): boolean {
  return body.kind === "symbol" && body.superscript === "" && !body.transposed;
}

export function printSymbol(symbol: Extract<Body, { kind: "symbol" }>): string {
  const { base, superscript, subscript, transposed } = symbol;
  const above = `${superscript}${transposed ? "\\top" : ""}`;
  return `${base}${subscript === "" ? "" : `_{${subscript}}`}${above === "" ? "" : `^{${above}}`}`;
}

/** A body with indices. */
export function printIndexed(body: Body, indices: string): string {
  if (body.kind === "symbol" && body.subscript === "" && !body.transposed)
    return printSymbol({ ...body, subscript: indices });
  return `${parentheses(inside(body))}_{${indices}}`;
}
