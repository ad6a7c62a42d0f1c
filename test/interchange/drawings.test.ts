/** Drawings: every value and what flows, what derivatives retain, and languages that other programs accept. */

import { graph, input, label, type Node, sum, tanh } from "@adjoint/core";
import { draw, drawMermaid, drawSvg, withAdjoints } from "@adjoint/interchange";
import { describe, expect, it } from "vitest";
import { lenet, textbook, transformer, withGradients } from "./networks.js";

/** The names of vertices whose line matches. */
function vertices(dot: string, pattern: RegExp): string[] {
  return dot
    .split("\n")
    .filter((line) => / \[label=/.test(line) && !/->/.test(line) && pattern.test(line))
    .map((line) => /^ {2}"([^"]*)"/.exec(line)?.[1] ?? "");
}

const drawn = [
  ["textbook", textbook()],
  ["textbook with bias", textbook({ bias: true })],
  ["lenet", lenet()],
  ["transformer", transformer()],
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
    const forward = new Set(
      whole.nodes.filter((node) => node.derivativeOrder === 0).map((node) => whole.nameOf(node)),
    );
    for (const name of retained) expect(forward).toContain(name);
    const dashed = dot.split("\n").filter((line) => line.includes("style=dashed"));
    const sources = new Set(dashed.map((line) => /^ {2}"([^"]*)"/.exec(line)?.[1] ?? ""));
    expect([...sources].filter((name) => !retained.includes(name)).sort()).toEqual(
      [...sources].filter((name) => whole.node(name).operands.length === 0).sort(),
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
