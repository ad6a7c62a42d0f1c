/**
 * Expressions as people write them: sums of monomials, each a number, scalars and a tensor factor. The few laws here hold
 * for real numbers, whatever the shapes. It refuses to know nodes.
 */

/** A tensor factor. */
export type Body =
  | {
      readonly kind: "symbol";
      readonly base: string;
      readonly superscript: string;
      readonly subscript: string;
      readonly transposed: boolean;
    }
  /** A fraction such as ∂J/∂o: stands alone, but takes parentheses under a superscript. */
  | { readonly kind: "fraction"; readonly over: string; readonly under: string }
  | { readonly kind: "chain"; readonly factors: readonly Body[] }
  | { readonly kind: "hadamard"; readonly factors: readonly Body[] }
  | { readonly kind: "transposed"; readonly of: Body }
  | { readonly kind: "square"; readonly of: Body }
  | { readonly kind: "sum"; readonly terms: Term }
  | { readonly kind: "text"; readonly latex: string; readonly atom: boolean };

export interface Monomial {
  readonly coefficient: number;
  /** Scalar factors and divisors, as LaTeX. */
  readonly over: readonly string[];
  readonly under: readonly string[];
  /** Absent for what is the same number everywhere. */
  readonly body: Body | undefined;
}

/** Their sum; none is 0. */
export type Term = readonly Monomial[];

export const one: Monomial = { coefficient: 1, over: [], under: [], body: undefined };

export function numeral(value: number): Term {
  return value === 0 ? [] : [{ ...one, coefficient: value }];
}

export function ofBody(body: Body): Term {
  return [{ ...one, body }];
}

export function scalar(latex: string): Term {
  return [{ ...one, over: [latex] }];
}

/** A term that is not simplified any further. An atom never takes parentheses. */
export function text(latex: string, atom = false): Term {
  return ofBody({ kind: "text", latex, atom });
}

export function negate(term: Term): Term {
  return term.map((monomial) => ({ ...monomial, coefficient: -monomial.coefficient }));
}

/** The sum, with equal monomials as one. */
export function plus(a: Term, b: Term): Term {
  const result = [...a];
  for (const monomial of b) {
    const key = keyOf(monomial);
    const at = result.findIndex((other) => keyOf(other) === key);
    const known = result[at];
    if (known === undefined) result.push(monomial);
    else result[at] = { ...known, coefficient: known.coefficient + monomial.coefficient };
  }
  return result.filter(({ coefficient }) => coefficient !== 0);
}

function keyOf({ over, under, body }: Monomial): string {
  return JSON.stringify([[...over].sort(), [...under].sort(), body]);
}

/** One monomial: a sum of several becomes a factor in parentheses. */
export function single(term: Term): Monomial | undefined {
  const [first, ...others] = term;
  return others.length === 0 ? first : { ...one, body: { kind: "sum", terms: term } };
}

/** The product element by element; a number or scalar on either side scales the other. */
export function times(a: Term, b: Term): Term {
  const factor = signOf(a) ?? signOf(b);
  if (factor !== undefined)
    return factor < 0 ? negate(signOf(a) === undefined ? a : b) : signOf(a) === undefined ? a : b;
  const [left, right] = [single(a), single(b)];
  if (left === undefined || right === undefined) return [];
  return [combine(left, right, "hadamard")];
}

/** 1 or -1 if that is all there is. */
function signOf(term: Term): number | undefined {
  const [only, ...others] = term;
  if (only === undefined || others.length > 0 || only.body !== undefined) return undefined;
  const plain = only.over.length + only.under.length === 0 && Math.abs(only.coefficient) === 1;
  return plain ? only.coefficient : undefined;
}

/** The matrix product. */
export function chained(a: Term, b: Term): Term {
  const [left, right] = [single(a), single(b)];
  if (left === undefined || right === undefined) return [];
  return [combine(withBody(left), withBody(right), "chain")];
}

/** What is the same number everywhere, as that number times a tensor of ones. */
function withBody(monomial: Monomial): Monomial {
  return { ...monomial, body: monomial.body ?? { kind: "text", latex: "\\mathbf{1}", atom: true } };
}

function combine(a: Monomial, b: Monomial, kind: "hadamard" | "chain"): Monomial {
  const factors = [a.body, b.body].flatMap((body) =>
    body === undefined ? [] : body.kind === kind ? body.factors : [body],
  );
  return {
    coefficient: a.coefficient * b.coefficient,
    ...cancel([...a.over, ...b.over], [...a.under, ...b.under]),
    body: factors.length > 1 ? { kind, factors } : factors[0],
  };
}

function cancel(over: readonly string[], under: readonly string[]): Pick<Monomial, "over" | "under"> {
  const left = [...under];
  const kept = over.filter((factor) => {
    const at = left.indexOf(factor);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return { over: kept, under: left };
}

/** 1 / term for one that is a single number or scalar. */
export function inverse(term: Term): Term | undefined {
  const [only, ...others] = term;
  if (only === undefined || others.length > 0 || only.body !== undefined) return undefined;
  return [{ coefficient: 1 / only.coefficient, over: only.under, under: only.over, body: undefined }];
}

/** The matrix transpose: a product's factors in the other order. */
export function transposedTerm(term: Term): Term {
  return term.map((monomial) => ({
    ...monomial,
    body: monomial.body === undefined ? undefined : transposedBody(monomial.body),
  }));
}

function transposedBody(body: Body): Body {
  switch (body.kind) {
    case "symbol":
      return { ...body, transposed: !body.transposed };
    case "chain":
      return { kind: "chain", factors: body.factors.map(transposedBody).reverse() };
    case "hadamard":
      return { kind: "hadamard", factors: body.factors.map(transposedBody) };
    case "transposed":
      return body.of;
    case "square":
      return { kind: "square", of: transposedBody(body.of) };
    case "sum":
      return { kind: "sum", terms: transposedTerm(body.terms) };
    case "fraction":
    case "text":
      return { kind: "transposed", of: body };
  }
}
