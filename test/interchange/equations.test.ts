/** Equations: the textbook's lines, what a bias changes in them, LaTeX that compiles, and derivatives that are right. */

import {
  add,
  cast,
  catalogue,
  createNode,
  div,
  exp,
  expm1,
  type Graph,
  graph,
  greater,
  greaterEqual,
  input,
  interpret,
  iota,
  label,
  log,
  mul,
  NameError,
  type Node,
  neg,
  parameter,
  reshape,
  sizeOf,
  slice,
  square,
  sub,
  sum,
  tanh,
  where,
} from "@adjoint/core";
import {
  derive,
  type Equation,
  equationsToLatex,
  equationsToMarkdown,
  equationsToMathml,
  latexToMathml,
} from "@adjoint/interchange";
import { gradient } from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";
import { lenet, textbook, transformer } from "./networks.js";

function lines(equations: readonly Equation[]): string[] {
  return equations.map(({ left, chain, right }) => [left, chain, right].filter(Boolean).join(" = "));
}

/** A derivative as LaTeX. */
function d(below: string, above = "J"): string {
  return `\\frac{\\partial ${above}}{\\partial ${below}}`;
}

const W1 = "\\mathbf{W}^{(1)}";
const W2 = "\\mathbf{W}^{(2)}";
const [x, z, h, o] = ["\\mathbf{x}", "\\mathbf{z}", "\\mathbf{h}", "\\mathbf{o}"];
const prod = (a: string, b: string): string => `\\operatorname{prod}\\left(${a}, ${b}\\right)`;

describe("the textbook's network", () => {
  it("gives the equations of the chapter, line by line", () => {
    const equations = derive(textbook({ column: true }), { steps: true, functions: { tanh: "\\phi" } });
    expect(lines(equations.filter(({ kind }) => kind === "definition"))).toEqual([
      `${z} = ${W1} ${x}`,
      `${h} = \\phi(${z})`,
      `${o} = ${W2} ${h}`,
      `L = -\\log \\operatorname{softmax}(${o})_{y}`,
      `s = \\frac{\\lambda}{2} \\left(\\lVert ${W1} \\rVert_F^2 + \\lVert ${W2} \\rVert_F^2\\right)`,
      "J = L + s",
    ]);
    const softmax = `\\operatorname{softmax}(${o}) - \\operatorname{onehot}(y)`;
    expect(lines(equations.filter(({ kind }) => kind === "adjoint" || kind === "local"))).toEqual([
      `${d("L")} = 1`,
      `${d("s")} = 1`,
      `${d(o)} = ${d(o, "L")} = ${softmax}`,
      `${d(W1, "s")} = \\lambda ${W1}`,
      `${d(W2, "s")} = \\lambda ${W2}`,
      `${d(W2)} = ${prod(d(o), d(W2, o))} + ${d(W2, "s")} = ${d(o)} ${h}^{\\top} + \\lambda ${W2}`,
      `${d(h)} = ${prod(d(o), d(h, o))} = \\mathbf{W}^{(2)\\top} ${d(o)}`,
      `${d(z)} = ${prod(d(h), d(z, h))} = ${d(h)} \\odot \\phi'(${z})`,
      `${d(W1)} = ${prod(d(z), d(W1, z))} + ${d(W1, "s")} = ${d(z)} ${x}^{\\top} + \\lambda ${W1}`,
    ]);
    expect(lines(equations.filter(({ kind }) => kind === "slope"))).toEqual([
      `\\phi'(${z}) = 1 - ${h}^{\\odot 2}`,
    ]);
  });

  it("writes rows of examples with the same derivatives transposed", () => {
    const found = lines(derive(textbook()));
    expect(found).toContain(`${z} = ${x} \\mathbf{W}^{(1)\\top}`);
    expect(found).toContain(`${d(W2)} = \\left(${d(o)}\\right)^{\\top} ${h} + \\lambda ${W2}`);
    expect(found).toContain(`${d(h)} = ${d(o)} ${W2}`);
  });

  it("changes exactly three lines for a bias in the hidden layer", () => {
    const [plain, biased] = [lines(derive(textbook())), lines(derive(textbook({ bias: true })))];
    const b1 = "\\mathbf{b}^{(1)}";
    expect(biased.filter((line) => !plain.includes(line))).toEqual([
      b1,
      `${z} = ${x} \\mathbf{W}^{(1)\\top} + ${b1}`,
      `${d(b1)} = \\sum_{i} \\left(${d(z)}\\right)_{i}`,
    ]);
    expect(plain.filter((line) => !biased.includes(line))).toEqual([`${z} = ${x} \\mathbf{W}^{(1)\\top}`]);
  });

  it("says where every line lies, with letters for extents on request", () => {
    const equations = derive(textbook(), { extents: { 2: "n", 5: "d", 4: "h", 3: "q" } });
    const spaces = Object.fromEntries(equations.map(({ left, space }) => [left, space]));
    expect(spaces[z]).toBe("\\mathbb{R}^{n \\times h}");
    expect(spaces[d(W2)]).toBe("\\mathbb{R}^{q \\times h}");
    expect(spaces["\\mathbf{y}"]).toBe("\\mathbb{Z}^{n}");
    expect(spaces["J"]).toBe("\\mathbb{R}");
  });
});

/** Derivatives that are values themselves, equal labels, values that are no floats, and a parameter used three times. */
function knotted(): Graph {
  const [a, b] = [parameter("a", [3]), parameter("b", [3])];
  const h = label(tanh(mul(a, b)), "h");
  const chosen = label(cast(greater(h, 0), "float32"), "mask");
  const again = label(mul(label(mul(h, a), "h"), chosen), "t_1");
  const root = exp(mul(0.1, again));
  return graph({ outputs: { J: add(sum(mul(root, b)), sum(mul(square(root), mul(b, h)))) } });
}

const networks: readonly (readonly [string, () => Graph])[] = [
  ["textbook", () => textbook({ bias: true })],
  ["column", () => textbook({ column: true })],
  ["lenet", lenet],
  ["transformer", transformer],
  ["knotted", knotted],
];

it("writes derivatives of second order with what has a name, too", () => {
  const written = derive(textbook(), { hessian: true }).map(({ left, right }) => `${left} = ${right}`);
  expect(written).toContain(
    "\\tanh''(\\mathbf{z}) = -2 \\mathbf{h} \\odot \\left(1 - \\mathbf{h}^{\\odot 2}\\right)",
  );
});

describe.each(networks)("%s", (_, build) => {
  const network = build();
  const equations = derive(network, { hessian: true, steps: true });

  it("compiles in KaTeX", () => {
    expect(equationsToMathml(equations)).toMatch(/^<span class="katex"><math /);
    for (const line of lines(equations)) expect(latexToMathml(line)).not.toContain("katex-error");
    expect(equationsToLatex(equations).match(/&\\in /g)).toHaveLength(equations.length);
    expect(equationsToMarkdown(equations)).toMatch(
      /^## Given\n\n\$\$\n[^#]+## Forward\n[^#]+## Backward\n[^#]+## Hessian times V\n\n\$\$\n\\begin\{aligned\}\nS &= [^#]+$/,
    );
  });

  it("has the derivatives and Hessian-vector products that gradient has", () => {
    const [J] = Object.values<Node>(network.outputs);
    if (J === undefined) throw new Error("a network has an output");
    const parameters = network.parameters;
    const grads = gradient(J, parameters);
    const directional = parameters
      .map((w, i) => sum(mul(grads[i] ?? w, input(`v_${w.label ?? ""}`, w.shape))))
      .reduce((total, term) => add(total, term));
    const products = gradient(directional, parameters);
    const outputs: Record<string, Node> = {};
    for (const [i, { label: name = "" }] of parameters.entries()) {
      const of = (above: string): Node | undefined =>
        equations
          .filter(
            (line) =>
              line.name === name &&
              line.kind === "adjoint" &&
              line.left.startsWith(`\\frac{\\partial ${above}}`),
          )
          .at(-1)?.node;
      Object.assign(outputs, { [`${name} J`]: of("J"), [`${name} J gradient`]: grads[i] });
      Object.assign(outputs, { [`${name} S`]: of("S"), [`${name} S gradient`]: products[i] });
    }
    const whole = graph({ outputs });
    let count = 0;
    const feeds = [...whole.inputs, ...whole.parameters].map(({ label: name = "", shape, dtype }) => {
      const data = Array.from({ length: sizeOf(shape) }, () =>
        dtype === "int32" ? count++ % 3 : Math.sin(1.7 * ++count),
      );
      return [name, data] as const;
    });
    const values: Readonly<Record<string, Float64Array>> = interpret(
      whole,
      Object.fromEntries(feeds),
    ).outputs;
    for (const name of Object.keys(outputs).filter((name) => !name.endsWith("gradient"))) {
      const [found, truth] = [values[name] ?? [], values[`${name} gradient`] ?? []];
      const scale = Math.max(...Array.from(truth, Math.abs));
      expect(scale, name).toBeGreaterThan(0);
      for (const [i, value] of truth.entries())
        expect(Math.abs((found[i] ?? Number.NaN) - value)).toBeLessThan(1e-12 * scale);
    }
  });
});

describe("labels", () => {
  it.each([
    ["W12", 2, "\\mathbf{W}^{(12)}"],
    ["h_t", 1, "\\mathbf{h}_{t}"],
    ["lambda", 0, "\\lambda"],
    ["beta2", 1, "\\boldsymbol{\\beta}^{(2)}"],
    ["loss", 0, "\\mathrm{loss}"],
    ["block1.w_q", 2, "\\mathbf{w}_{q, \\text{block1}}"],
    ["50% of {x}^2\\n\n", 0, "\\text{50\\% of \\{x\\}\\textasciicircum{}2\\textbackslash{}n }"],
  ] as const)("%j of rank %i is %s", (name, rank, expected) => {
    const value =
      rank === 0 ? label(exp(input("a", [])), name) : label(exp(input("a", [2, 2].slice(0, rank))), name);
    const found = derive(graph({ outputs: { out: rank === 0 ? tanh(value) : sum(tanh(value)) } }), {
      wrt: ["a"],
    });
    const left = found.find((line) => line.node.label === name)?.left ?? "";
    expect(normalized(left)).toBe(normalized(expected));
    latexToMathml(left);
  });
});

/** Superscripts and subscripts may stand in either order. */
function normalized(latex: string): string {
  return latex.replace(/(\^\{\(\d+\)\})(_\{.*\})$/, "$2$1");
}

it("names what it cannot derive", () => {
  const network = textbook();
  expect(() => derive(network, { of: "K" })).toThrow(new NameError('The graph has no output "K".', "K"));
  expect(() => derive(network, { wrt: ["W9"] })).toThrow(NameError);
  expect(() => derive(graph({ outputs: { a: parameter("a", [2]) } }))).toThrow(/is not a scalar/);
  expect(() => derive(graph({ outputs: { a: parameter("a", []), b: parameter("b", []) } }))).toThrow(
    /2 outputs: say by "of" which/,
  );
});

it("gives every line a symbol of its own", () => {
  const lefts = derive(knotted(), { hessian: true }).map(({ left }) => left);
  expect(new Set(lefts).size).toBe(lefts.length);
});

it("derives a chain of thousands of ops without recursion", () => {
  let x: Node = parameter("x", [2]);
  for (let i = 0; i < 3000; i++) x = label(tanh(add(x, 1)), `x_${i}`);
  expect(derive(graph({ outputs: { J: sum(x) } })).length).toBeGreaterThan(6000);
});

it("gives 0 for what the objective does not use", () => {
  const unused = graph({ outputs: { J: sum(parameter("a", [2])), b: parameter("b", [3]) } });
  expect(lines(derive(unused, { of: "J", wrt: ["a", "b"] })).at(-1)).toBe(`${d("\\mathbf{b}")} = 0`);
});

it("derives every elementwise op, of tensors with superscripts, as LaTeX that compiles", () => {
  let derived = 0;
  for (const op of catalogue.values()) {
    if (
      Object.keys(op.attributes).length > 0 ||
      op.variadic ||
      op.operands.length > 2 ||
      op.vjp === undefined
    )
      continue;
    const operands = op.operands.map((_, i) => parameter(`W${i + 1}`, [2, 2]));
    const isElementwise = op.operands.every((name) => ["x", "a", "b"].includes(name));
    if (!isElementwise) continue;
    const once = createNode(op, operands);
    if (once.shape.length !== 2) continue;
    const twice = createNode(op, [once, ...operands.slice(1)]);
    const objective = sum(sub(operands[0] ?? once, mul(-2, twice)));
    expect(latexToMathml(equationsToLatex(derive(graph({ outputs: { J: objective } })))), op.name).toContain(
      "<math",
    );
    derived += 1;
  }
  expect(derived).toBeGreaterThan(30);
});

it("sets parentheses where a sum stands beside a sign or a factor, and nowhere else", () => {
  const [a, b, c] = ["a", "b", "c"].map((name) => parameter(name, []));
  if (a === undefined || b === undefined || c === undefined) throw new Error("three parameters");
  const right = (node: Node): string | undefined =>
    derive(graph({ outputs: { J: node } })).find(({ left }) => left === "J")?.right;
  expect(right(sub(a, expm1(b)))).toBe("a - \\left(e^{b} - 1\\right)");
  expect(right(expm1(b))).toBe("e^{b} - 1");
  expect(right(mul(a, expm1(b)))).toBe("a \\left(e^{b} - 1\\right)");
  expect(right(mul(add(a, b), c))).toBe("c \\left(a + b\\right)");
  expect(right(sub(a, sub(b, c)))).toBe("a - b + c");
  expect(right(neg(mul(2, add(a, b))))).toBe("-2 \\left(a + b\\right)");
  expect(right(div(mul(a, b), mul(3, c)))).toBe("\\frac{a b}{3 c}");
  const x = parameter("x", [2]);
  expect(right(mul(sum(x), sum(exp(x))))).toBe("\\left(\\sum \\mathbf{x}\\right) \\sum e^{\\mathbf{x}}");
  expect(right(sum(mul(sum(x), x)))).toBe("\\left(\\sum \\mathbf{x}\\right) \\sum \\mathbf{x}");
  expect(right(sum(log(add(x, 1))))).toBe("\\sum \\log(\\mathbf{x} + 1)");
});

it("writes every op of the catalogue as LaTeX that compiles", () => {
  for (const op of catalogue.values()) {
    const filled = op.notation.replaceAll(/\{([a-z]\w*)\}/gi, (match, name: string) =>
      op.operands.includes(name) || Object.hasOwn(op.attributes, name) ? "x" : match,
    );
    expect(latexToMathml(filled), op.name).toContain("<math");
  }
});

it("writes MathML that needs no style sheet: letters as Unicode, cells aligned, primes beside", () => {
  const mathml = latexToMathml(
    "\\begin{aligned} \\mathbf{W} &= \\boldsymbol{\\gamma} \\tanh'(z) \\tanh''(z) \\\\ 1 &\\in \\mathbb{R} \\end{aligned}",
  );
  const [shown = ""] = mathml.split("<annotation");
  expect(shown).toContain("<mi>𝐖</mi>");
  expect(shown).toContain("<mi>𝜸</mi>");
  expect(shown).toContain("<mi>ℝ</mi>");
  expect(shown).not.toMatch(/mathvariant="(bold|double)/);
  expect(shown).not.toMatch(/<msup>/);
  expect(shown.match(/<mtd style="text-align: right">/g)).toHaveLength(2);
  expect(shown.match(/<mtd style="text-align: left">/g)).toHaveLength(2);
});

it("what moves elements is written, so that both sides have one shape: other rows, parts, positions", () => {
  const p = parameter("p", [3, 2, 4]);
  const rows = label(reshape(p, [3, 8]), "r");
  const part = label(mul(2, slice(rows, [[], [2, 6]])), "s");
  const mask = label(where(greaterEqual(iota([3, 4], 0), iota([3, 4], 1)), part, 0), "m");
  const J = label(sum(mul(mask, part)), "J");
  const written = derive(graph({ outputs: { J } })).map(({ left, right }) => `${left} = ${right}`);
  expect(written.join("\n")).toContain(
    "\\mathbf{r} = \\operatorname{reshape}_{3 \\times 8}\\left(\\mathbf{p}\\right)",
  );
  expect(written.join("\n")).toContain("\\mathbf{s} = 2 \\mathbf{r}_{[{:}, 2{:}6]}");
  expect(written.join("\n")).toContain("[\\operatorname{iota}_{0} \\ge \\operatorname{iota}_{1}]");
  expect(written.join("\n")).toContain("\\operatorname{pad}_{[{:}, 2{:}6]}\\left(");
});
