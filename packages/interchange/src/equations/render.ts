/** Turns nodes into terms: one rule per op that has laws of its own, the op's notation for the rest. It refuses to differentiate. */

import { type Node, sizeOf } from "@adjoint/core";
import { fill, isAtomic } from "./notation.js";
import { number } from "./number.js";
import { printAtom, printIndexed, printSymbol, printTerm, raisable } from "./print.js";
import type { SymbolBody } from "./symbol.js";
import {
  type Body,
  chained,
  inverse,
  type Monomial,
  negate,
  numeral,
  ofBody,
  one,
  plus,
  scalar,
  single,
  type Term,
  text,
  times,
  transposedTerm,
} from "./term.js";

/** The symbol of a node that has a name, undefined for one that is written out. */
export type Naming = (node: Node) => SymbolBody | Extract<Body, { kind: "fraction" }> | undefined;

export class Renderer {
  readonly #naming: Naming;
  readonly #terms = new Map<Node, Term>();

  constructor(naming: Naming) {
    this.#naming = naming;
  }

  /** The term of a node: its symbol if it has a name. */
  term(node: Node): Term {
    const known = this.#terms.get(node);
    if (known !== undefined) return known;
    const symbol = this.#naming(node);
    const found = symbol === undefined ? this.definition(node) : named(symbol, node);
    this.#terms.set(node, found);
    return found;
  }

  /** The term of a node written out, named or not. */
  definition(node: Node): Term {
    const operands = node.operands.map((operand) => this.term(operand));
    const rule = Object.hasOwn(rules, node.op.name) ? rules[node.op.name] : undefined;
    const found = rule?.(operands, node) ?? text(fill(node, operands), isAtomic(node.op.notation));
    return node.shape.length === 0 ? found.map(scalarized) : found;
  }
}

function named(symbol: ReturnType<Naming> & object, node: Node): Term {
  if (node.shape.length > 0) return ofBody(symbol);
  return scalar(symbol.kind === "symbol" ? printSymbol(symbol) : `\\frac{${symbol.over}}{${symbol.under}}`);
}

/** What has no axes is a scalar factor, whatever it looks like. */
function scalarized(monomial: Monomial): Monomial {
  if (monomial.body === undefined) return monomial;
  const shown = printTerm([{ ...one, body: monomial.body }]);
  return { ...monomial, over: [...monomial.over, shown], body: undefined };
}

type Rule = (operands: readonly Term[], node: Node) => Term | undefined;

const same: Rule = ([x]) => x;
const product: Rule = ([a = [], b = []]) => times(a, b);

/** Sums over everything have names of their own: ‖x‖², ⟨a, b⟩. */
function total(x: Term, node: Node): Term {
  const inner = single(x);
  if (inner === undefined) return [];
  const { body } = inner;
  const count = sizeOf(node.operands[0]?.shape ?? []);
  if (body === undefined) return times(numeral(count), x);
  const rest = { ...inner, body: undefined };
  if (body.kind === "square") {
    const matrix = (node.operands[0]?.shape.length ?? 0) > 1 ? "_F" : "";
    return times([rest], scalar(`\\lVert ${printTerm(ofBody(body.of))} \\rVert${matrix}^2`));
  }
  if (body.kind === "hadamard" && body.factors.length === 2) {
    const [a = "", b = ""] = body.factors.map((factor) => printTerm(ofBody(factor)));
    return times([rest], scalar(`\\left\\langle ${a}, ${b} \\right\\rangle`));
  }
  return times([rest], scalar(`\\sum ${printTerm(ofBody(body))}`));
}

const letters = "ijklmnpqrstuvw";

/** Σ over some axes, with indices up to the last of them. */
function partial(x: Term, node: Node, axes: readonly number[]): Term {
  const inner = single(x);
  const shape = node.operands[0]?.shape ?? [];
  const summed = axes.filter((axis) => shape[axis] !== 1);
  if (inner === undefined || summed.length === 0) return x;
  if (inner.body === undefined) return times(numeral(sizeOf(summed.map((axis) => shape[axis] ?? 1))), x);
  const index = (axis: number): string => letters[axis] ?? `i_{${axis}}`;
  const indices = Array.from({ length: Math.max(...summed) + 1 }, (_, axis) => index(axis)).join(" ");
  const sum = `\\sum_{${summed.map(index).join(", ")}} ${printIndexed(inner.body, indices)}`;
  return [{ ...inner, body: { kind: "text", latex: sum, atom: false } }];
}

/** Axes of extent 1 are nothing to write about; other shapes are, since the same elements stand in other rows. */
function reshaped(x: Term, { shape, operands: [operand] }: Node): Term {
  const moving = (extents: readonly number[] = []): string => extents.filter((extent) => extent !== 1).join();
  const inner = single(x);
  if (moving(shape) === moving(operand?.shape) || (inner !== undefined && inner.body === undefined)) return x;
  const written = (of: Term): Term =>
    text(`\\operatorname{reshape}_{${shape.join(" \\times ")}}\\left(${printTerm(of)}\\right)`, true);
  if (inner?.body === undefined) return written(x);
  return times([{ ...inner, body: undefined }], written(ofBody(inner.body)));
}

/** Where the elements of a part lie in a whole of some shape, axis by axis: all, or from : to (exclusive) : step. */
function rangesOf(
  shape: readonly number[],
  starts: readonly number[] = [],
  sizes: readonly number[] = [],
  steps: readonly number[] = [],
): string {
  const rangeOf = (extent: number, axis: number): string => {
    const [start = 0, size = extent, step = 1] = [starts[axis], sizes[axis], steps[axis]];
    if (start === 0 && size === extent) return "{:}";
    const end = start + Math.max(0, size - 1) * step + Math.min(1, size);
    return `${start}{:}${end}${step === 1 ? "" : `{:}${step}`}`;
  };
  return shape.map(rangeOf).join(", ");
}

function integers(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.map(Number) : [];
}

/** Whether a term is the number 0, or 1. */
function is(value: 0 | 1, term: Term): boolean {
  const [only, ...others] = term;
  if (only === undefined) return value === 0;
  return (
    value === 1 &&
    others.length === 0 &&
    only.body === undefined &&
    only.coefficient === 1 &&
    only.over.length + only.under.length === 0
  );
}

const rules: Readonly<Record<string, Rule>> = {
  constant: (_, { attributes }) => {
    const values = integers(attributes["values"]);
    const [first = 0] = values;
    if (values.length === 1) return Number.isFinite(first) ? numeral(first) : text(number(first), true);
    return text(values.length <= 8 ? `[${values.map(number).join(", ")}]` : "\\mathbf{C}", true);
  },
  add: ([a = [], b = []]) => plus(a, b),
  sub: ([a = [], b = []]) => plus(a, negate(b)),
  neg: ([x = []]) => negate(x),
  mul: product,
  chain: product,
  div: ([a = [], b = []]) => {
    const divisor = inverse(b);
    if (divisor !== undefined) return times(a, divisor);
    return text(`\\frac{${printTerm(a)}}{${printTerm(b)}}`, true);
  },
  reciprocal: ([x = []]) => inverse(x) ?? text(`\\frac{1}{${printTerm(x)}}`, true),
  matmul: ([a = [], b = []]) => chained(a, b),
  transpose: ([x = []], { attributes }) => {
    const axes = integers(attributes["permutation"]);
    const rank = axes.length;
    const swapped = axes.map((_, axis) =>
      axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis,
    );
    if (String(axes) === String(swapped)) return transposedTerm(x);
    return text(`\\operatorname{permute}_{${axes.join("")}}\\left(${printTerm(x)}\\right)`, true);
  },
  reshape: ([x = []], node) => reshaped(x, node),
  iota: (_, { attributes }) => text(`\\operatorname{iota}_{${String(attributes["axis"])}}`, true),
  slice: ([x = []], { attributes, operands: [from] }) => {
    const [starts, sizes, steps] = ["starts", "sizes", "steps"].map((name) => integers(attributes[name]));
    const ranges = rangesOf(from?.shape ?? [], starts, sizes, steps);
    const inner = single(x);
    if (inner?.body === undefined) return text(`\\left(${printTerm(x)}\\right)_{[${ranges}]}`, true);
    return times([{ ...inner, body: undefined }], text(printIndexed(inner.body, `[${ranges}]`), true));
  },
  pad: ([x = []], { attributes, shape, operands: [inner] }) => {
    const steps = integers(attributes["interior"]).map((interior) => interior + 1);
    const ranges = rangesOf(shape, integers(attributes["low"]), inner?.shape, steps);
    const value = Number(attributes["value"]) === 0 ? "" : `, ${number(Number(attributes["value"]))}`;
    return text(`\\operatorname{pad}_{[${ranges}]}\\left(${printTerm(x)}${value}\\right)`, true);
  },
  broadcastTo: same,
  cast: same,
  copy: same,
  after: same,
  stopGradient: same,
  square: ([x = []], node) => {
    const inner = single(x);
    if (inner === undefined || node.shape.length === 0 || inner.body === undefined) return undefined;
    return [squared(inner, inner.body)];
  },
  sum: ([x = []], node) => {
    const axes = integers(node.attributes["axes"]);
    const whole = axes.length === (node.operands[0]?.shape.length ?? 0);
    return whole ? total(x, node) : partial(x, node, axes);
  },
  polynomial: ([x = []], { attributes }) =>
    integers(attributes["coefficients"]).reduce<Term>((total, coefficient, power) => {
      const raised = power === 1 ? x : text(`${raisable(printAtom(x))}^{\\odot ${power}}`, true);
      return plus(total, times(numeral(coefficient), power === 0 ? numeral(1) : raised));
    }, []),
  gather: ([x = [], index = []], node) => {
    const [body, ...others] = x.map(({ body }) => body);
    if (node.operands.length !== 2 || body === undefined || others.length > 0) return undefined;
    return text(printIndexed(body, printTerm(index)), true);
  },
  where: ([condition = [], a = [], b = []], { operands: [test, wrapped, plain] }) => {
    // An index that may count from the end.
    if (
      test?.op.name === "less" &&
      wrapped?.op.name === "add" &&
      plain !== undefined &&
      test.operands[0] === plain &&
      wrapped.operands[0] === plain
    )
      return b;
    if (is(0, b)) return is(1, a) ? condition : times(condition, a);
    return undefined;
  },
  sparseSoftmaxCrossEntropy: (operands, node) => {
    const [logits = "", labels = ""] = operands.map(printTerm);
    const isOwn = node.op.notation.startsWith("-\\log");
    return isOwn ? negate(text(`\\log \\operatorname{softmax}(${logits})_{${labels}}`)) : undefined;
  },
};

function squared({ coefficient, over, under }: Monomial, of: Body): Monomial {
  return {
    coefficient: coefficient * coefficient,
    over: [...over, ...over],
    under: [...under, ...under],
    body: { kind: "square", of },
  };
}
