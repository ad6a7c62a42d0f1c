/** Prints terms as LaTeX, with no parentheses but those that are needed. It refuses to simplify. */

import { number, writeNumber } from "./number.js";
import type { Body, Monomial, Term } from "./term.js";

export function printTerm(term: Term): string {
  if (term.length === 0) return "0";
  return term
    .map((monomial, position) => {
      const sign = monomial.coefficient < 0 ? "-" : position === 0 ? "" : "+";
      const positive = { ...monomial, coefficient: Math.abs(monomial.coefficient) };
      const shown = printMonomial(positive, term.length > 1 || sign !== "");
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

/** `signed`: a sign stands before it, or another monomial beside it. */
function printMonomial({ coefficient, over, under, body }: Monomial, signed: boolean): string {
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
  const factors = [
    ...rest.map((latex) => ({ latex, loose: isLoose(latex) })),
    ...(body === undefined
      ? []
      : [
          {
            latex: inside(body),
            loose: body.kind === "sum" || (body.kind === "text" && isLoose(body.latex)),
          },
        ]),
  ];
  const alone = !signed && fraction.length + factors.length === 1;
  const shown = factors.map(({ latex, loose }, position) => {
    const open = position < factors.length - 1 && latex.startsWith("\\sum");
    const isSum = body?.kind === "sum" && position === factors.length - 1;
    return open || isSum || (loose && !alone) ? parentheses(latex) : latex;
  });
  return [...fraction, ...shown].join(" ") || "1";
}

/** Whether LaTeX has a sign or a weak operator outside of all brackets, so that it cannot stand beside a factor. */
function isLoose(latex: string): boolean {
  return /[-+=]|\\(bmod|land|lor|oplus|ll|gg|mathbin|ne|le|ge)(?![a-z])/.test(outside(latex));
}

/** LaTeX without what its brackets hold. */
function outside(latex: string): string {
  let rest = latex.replaceAll(/\\left\(/g, "(").replaceAll(/\\right\)/g, ")");
  for (let before = ""; before !== rest; ) {
    before = rest;
    rest = rest.replaceAll(/\{[^{}]*\}|\([^()]*\)|\[[^[\]]*\]/g, "");
  }
  return rest;
}

/** LaTeX that can take a superscript: in parentheses where it has one. */
export function raisable(latex: string): string {
  return outside(latex).includes("^") ? parentheses(latex) : latex;
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
