/** Drawings: every value and what flows, what derivatives retain, and languages that other programs accept. */

import {
  elu,
  type Graph,
  gelu,
  graph,
  graphFromJson,
  graphToJson,
  input,
  label,
  leakyRelu,
  matmul,
  mean,
  mul,
  type Node,
  parameter,
  parseGraph,
  printGraph,
  reachable,
  relu,
  sigmoid,
  square,
  sum,
  tanh,
} from "@adjoint/core";
import { draw, drawMermaid, drawSvg, Scopes, withAdjoints } from "@adjoint/interchange";
import { gradient, plan, reference } from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";
import { gpt, lenet, textbook, transformer, withGradients } from "./networks.js";

const gptGraph = gpt();

/** The names of vertices whose line matches. */
function vertices(dot: string, pattern: RegExp): string[] {
  return dot
    .split("\n")
    .filter((line) => / \[label=/.test(line) && !/->/.test(line) && pattern.test(line))
    .map((line) => /^ *"([^"]*)"/.exec(line)?.[1] ?? "");
}

/** Whether a value comes from inputs or parameters by ops. */
function isComputed(node: Node): boolean {
  const leaves = reachable([node]).filter(({ operands }) => operands.length === 0);
  return node.operands.length > 0 && leaves.some(({ op }) => op.name === "input" || op.name === "parameter");
}

const drawn = [
  ["textbook", textbook()],
  ["textbook with bias", textbook({ bias: true })],
  ["lenet", lenet()],
  ["transformer", transformer()],
  ["gpt", gpt()],
] as const;

describe.each(drawn)("%s", (_, network) => {
  it.each([false, true])("renders, derivatives: %s", async (derivatives) => {
    const svg = await drawSvg(network, { derivatives });
    expect(svg).toMatch(/<svg [\s\S]*<\/svg>\s*$/);
    const titles = [...svg.matchAll(/<title>([^<]*)<\/title>/g)].map(([, title = ""]) => title);
    const { parameters, inputs } = network;
    for (const { label: name = "" } of [...parameters, ...inputs]) expect(titles).toContain(name);
    expect(titles.filter((title) => title.startsWith("∂J/∂")).length > 0).toBe(derivatives);
  });

  it("draws as retained exactly the forward values that derivatives read", () => {
    const whole = withAdjoints(network);
    const dot = draw(network, { derivatives: true, movement: true });
    const retained = vertices(dot, /peripheries=2/).map((name) => name.replace(/ =$/, ""));
    expect(retained.length).toBeGreaterThan(0);
    const forward = new Set<string>(
      whole.nodes.filter((node) => node.derivativeOrder === 0).map((node) => whole.nameOf(node)),
    );
    for (const name of retained) expect(forward).toContain(name);
    const dashed = dot.split("\n").filter((line) => line.includes("style=dashed"));
    const sources = new Set(dashed.map((line) => /^ *"([^"]*)"/.exec(line)?.[1] ?? ""));
    expect([...sources].filter((name) => !retained.includes(name)).sort()).toEqual(
      [...sources].filter((name) => !isComputed(whole.node(name))).sort(),
    );
  });
});

it("shows that the textbook's derivatives retain h and o, not z", () => {
  const dot = draw(textbook(), { derivatives: true });
  expect(vertices(dot, /peripheries=2/).filter((name) => /^[a-z]$/.test(name))).toEqual(["h", "o"]);
});

it("draws what has a name as a box, and ops as circles", () => {
  const dot = draw(textbook());
  const boxes = vertices(dot, /shape=box, height=0\.4/);
  expect(boxes).toEqual(
    ["W1", "x", "z", "W2", "h", "o", "y", "L", "lambda", "s", "J"].sort(
      (a, b) => boxes.indexOf(a) - boxes.indexOf(b),
    ),
  );
  expect(vertices(dot, /shape=circle/)).toContain("z =");
  expect(dot).toMatch(/"x" -> "z =" \[.*label="2×5"\]/);
  expect(draw(textbook(), { shapes: false })).not.toContain("×5");
  expect(draw(textbook(), { direction: "up" })).toContain("rankdir=BT");
});

it("draws a box for the derivative by every parameter, and none for one by a value without a name", () => {
  for (const network of [lenet(), gptGraph]) {
    const boxes = vertices(draw(network, { derivatives: true }), /shape=box, height/);
    for (const { label: name = "" } of network.parameters) expect(boxes).toContain(`∂J/∂${name}`);
    expect(boxes.filter((name) => /^∂J\/∂[a-z]+_\d+$/.test(name))).toEqual([]);
  }
});

it("shows what the adjoints of a convolution reuse: the other operand alone", () => {
  const dashed = draw(lenet(), { derivatives: true })
    .split("\n")
    .filter((line) => line.includes("style=dashed"))
    .map((line) => /^ *"([^"]*)"/.exec(line)?.[1] ?? "");
  expect(dashed).toContain("x");
  expect(dashed).not.toContain("K1");
});

it("draws a graph that has its gradients already, in two colors", () => {
  const dot = draw(withGradients(textbook()));
  expect(vertices(dot, /#a33a00/)).toContain("dW1");
  expect(vertices(dot, /#1f4e8c/)).toContain("z");
});

it("keeps names that would break a drawing", async () => {
  const odd: Node = label(tanh(input("x", [2])), 'a "b" \\ <c> & #d\n`e`');
  const network = graph({ outputs: { J: sum(odd) } });
  const svg = await drawSvg(network);
  expect(svg).toContain("&lt;c&gt; &amp; #d");
  expect(drawMermaid(network)).toContain('["a #34;b#34; #92; #60;c#62; #38; #35;d#10;#96;e#96;"]');
});

it("writes Mermaid with one line for every vertex and edge of the DOT", () => {
  const options = { derivatives: true };
  const [dot, mermaid] = [draw(textbook(), options), drawMermaid(textbook(), options)];
  expect(mermaid.match(/^ {2}n\d+[[(]/gm)).toHaveLength(vertices(dot, /./).length);
  expect(mermaid.match(/-->|-\.->/g)).toHaveLength(dot.match(/->/g)?.length ?? 0);
});

describe("scopes", () => {
  const scopes = new Scopes(gptGraph);
  const of = (name: string): string => scopes.of(gptGraph.node(name));

  it("are the beginnings of names, and hold what works for what is named", () => {
    expect(of("block0.attention.W_q")).toBe("block0.attention");
    expect(of("block1.u")).toBe("block1");
    expect(of("wte")).toBe("");
    const weight = gptGraph.node("head.weight");
    const turned = gptGraph.nodes.find(
      ({ op, operands }) => op.name === "transpose" && operands[0] === weight,
    );
    expect(turned === undefined ? undefined : scopes.of(turned)).toBe("head");
    // Softmax's scores are within attention, since only attention uses them.
    const softmax = gptGraph.nodes.filter(({ op }) => op.name === "softmax").map((node) => scopes.of(node));
    expect(softmax).toEqual(["block0.attention", "block1.attention"]);
  });

  it("are no scopes where a node has the name: the state of a parameter is beside it", () => {
    expect(scopes.split("wte.velocity")).toEqual({ scope: "", name: "wte.velocity" });
    expect(scopes.split("block0.attention.W_q.m")).toEqual({ scope: "block0.attention", name: "W_q.m" });
    expect(scopes.split("∂J/∂block1.mlp.f")).toEqual({ scope: "block1.mlp", name: "∂J/∂f" });
    expect(scopes.split("0.5 of x.")).toEqual({ scope: "", name: "0.5 of x." });
  });

  it("survive text and JSON", () => {
    for (const copy of [parseGraph(printGraph(gptGraph)), graphFromJson(graphToJson(gptGraph))]) {
      const again = new Scopes(copy);
      for (const node of gptGraph.nodes)
        expect(again.of(copy.node(gptGraph.nameOf(node)))).toBe(scopes.of(node));
    }
  });

  it("are frames, or one box each where they are collapsed, with the derivatives in another", async () => {
    const open = draw(gptGraph, { derivatives: true });
    expect(open).toContain('subgraph "cluster block0.attention"');
    const closed = draw(gptGraph, { derivatives: true, collapse: true });
    expect(vertices(closed, /shape=box3d/).sort()).toEqual(
      ["block0.", "block1.", "head.", "∂ block0.", "∂ block1.", "∂ head."].sort(),
    );
    expect(closed).toContain('"block0\\n12 parameters\\n');
    expect(closed).toMatch(/"∂ block0\." -> "∂ block1\." \[dir=back/);
    expect(closed).toMatch(/"block1\." -> "∂ block1\." \[.*style=dashed/);
    expect(vertices(draw(gptGraph, { collapse: 2 }), /shape=box3d/)).toHaveLength(8);
    expect(vertices(draw(gptGraph, { collapse: ["block0", "block1.mlp"] }), /shape=box3d/)).toEqual([
      "block0.",
      "block1.mlp.",
    ]);
    expect(await drawSvg(gptGraph, { derivatives: true, collapse: 2 })).toContain("</svg>");
    expect(drawMermaid(gptGraph)).toContain('subgraph block0_attention["attention"]');
  });

  it("lose no op when they are collapsed", () => {
    const ops = vertices(draw(gptGraph), /shape=circle|height=0\.3,/).length;
    const closed = draw(gptGraph, { collapse: true });
    const inside = [...closed.matchAll(/(\d+) ops?[\\"]/g)].reduce(
      (total, [, count]) => total + Number(count),
      0,
    );
    expect(vertices(closed, /shape=circle|height=0\.3,/).length + inside).toBe(ops);
  });
});

describe("second derivatives", () => {
  it("are drawn in a third color, each beside what it is by, with the first derivatives they retain", async () => {
    const dot = draw(textbook(), { derivatives: { hessian: true } });
    expect(vertices(dot, /#5b2a86/)).toEqual(
      expect.arrayContaining(["∂S/∂W1", "∂S/∂z", "∂S/∂∂J/∂z", "v_W2"]),
    );
    // ∂S/∂(∂J/∂W2) is v_W2 itself.
    expect(dot).not.toMatch(/∂S\/∂∂J\/∂W2|1 ·/);
    expect(dot).toContain('{ rank=same; "z"; "∂S/∂z"; }');
    expect(dot).toContain('{ rank=same; "∂J/∂z"; "∂S/∂∂J/∂z"; }');
    expect(vertices(dot, /peripheries=2.*#a33a00/)).toEqual(expect.arrayContaining(["∂J/∂o", "∂J/∂h"]));
    expect(await drawSvg(textbook(), { derivatives: { hessian: true } })).toContain("∂S/∂(∂J/∂z)");
  });

  const activations = { elu, gelu, leakyRelu, relu, sigmoid, tanh };

  it.each(Object.entries(activations))(
    "are drawn by the graph's own ops where %s has no label",
    (name, activation) => {
      const W = parameter("W", [3, 2]);
      const U = parameter("U", [2, 2]);
      const h = activation(matmul(input("x", [4, 3]), W));
      const J = mean(square(activation(matmul(h, U))));
      const drawn = withAdjoints(graph({ outputs: { J } }), { hessian: true });
      expect(drawn.nodes.filter(({ op }) => op.name === name).length).toBe(2);
      expect(drawn.nodes.map(({ op }) => op.name)).not.toContain(`${name}'`);
      expect(draw(graph({ outputs: { J } }), { derivatives: { hessian: true } })).toContain("∂S/∂W");
    },
  );
});

describe("what a plan evaluates again instead of keeping it", () => {
  const { target } = reference();
  const x = input("x", [64]);
  const w = parameter("w", [64]);
  /** Four times x costs less to evaluate again than to keep. */
  const declared = (cheap: Node): Graph => {
    const J = sum(mul(tanh(cheap), cheap));
    return graph({ outputs: { J, dw: gradient(J, [w])[0] ?? J } });
  };

  it.each([
    ["a name", declared(label(mul(x, w), "cheap")), "cheap"],
    ["none", declared(mul(x, w)), "mul_1"],
  ])("is marked under %s", (_, network, name) => {
    const made = plan(network, { target });
    expect(made.steps.filter(({ nodes }) => nodes.includes(name)).length).toBeGreaterThan(1);
    const dot = draw(network, { plan: made });
    expect(vertices(dot, /label="↻ .*style="(rounded,)?filled,dashed"/)).toContain(name);
    expect(vertices(dot, /peripheries=2/)).not.toContain(name);
    expect(vertices(draw(network), /peripheries=2/)).toContain(name);
  });

  it.each(drawn)("is exactly what several steps evaluate: %s", (_, network) => {
    const program = withGradients(network);
    const made = plan(program, { target });
    const isAgain = (name: string): boolean =>
      made.steps.filter(({ nodes }) => nodes.includes(name)).length > 1;
    const marked = vertices(draw(program, { plan: made, movement: true }), /label="↻ /);
    // Under labels, which rewriting keeps.
    const labels = program.nodes.flatMap(({ label: own }) => own ?? []);
    expect(labels.filter((name) => marked.includes(name))).toEqual(labels.filter(isAgain));
  });

  it("is marked in derivatives that a drawing makes, of nodes that the program has too", () => {
    const J = sum(mul(tanh(mul(x, w)), mul(x, w)));
    const objective = graph({ outputs: { J } });
    const whole = graph({ outputs: { J, dw: gradient(J, [w])[0] ?? J } });
    const dot = draw(objective, { derivatives: true, plan: plan(whole, { target }), program: whole });
    expect(vertices(dot, /label="↻ /)).toContain("mul_1");
  });

  it("is asked of a plan of this graph only", () => {
    const other = plan(withGradients(lenet()), { target });
    expect(() => draw(textbook(), { plan: other })).toThrow(/^The plan is of another graph: it evaluates "/);
  });
});
