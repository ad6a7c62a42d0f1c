/** inspect, plan, draw, derive and grad: documents in, documents out, and one line for whatever is wrong. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cpu } from "@adjoint/backend-cpu";
import { leastTarget } from "@adjoint/backend-gpu";
import { graphFromJson, interpret, parseGraph, printGraph, sameGraph } from "@adjoint/core";
import {
  derive,
  draw,
  drawMermaid,
  equationsToLatex,
  equationsToMarkdown,
  toGexf,
  toGraphml,
} from "@adjoint/interchange";
import { plan, planFromJson, planToJson } from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";
import { gpt, textbook, withGradients } from "../interchange/networks.js";
import { adjoint, golden, printed, scratch } from "./command.js";

const folder = scratch();
const at = (name: string): string => join(folder, name);
const file = `${golden}textbook.ir`;
const json = `${golden}textbook-bias.graph`;
const whole = withGradients(textbook());

/** The network without its gradients. */
const forward = at("forward.ir");
writeFileSync(
  forward,
  `graph {
  input x: float32[2, 5]
  input y: int32[2]
  parameter W1: float32[4, 5] = normal(mean: 0, std: 0.5, seed: 1)
  parameter W2: float32[3, 4] = normal(mean: 0, std: 0.5, seed: 2)
  transpose_1 = transpose(W1, permutation: [1, 0]): float32[5, 4]
  z = matmul(x, transpose_1): float32[2, 4]
  h = tanh(z): float32[2, 4]
  transpose_2 = transpose(W2, permutation: [1, 0]): float32[4, 3]
  o = matmul(h, transpose_2): float32[2, 3]
  l = sparseSoftmaxCrossEntropy(o, y): float32[2]
  sum_1 = sum(l, axes: [0], keepDims: false): float32[]
  half = 0.5: float32[]
  J = mul(sum_1, half): float32[]
  output J
}
`,
);

/** A graph with scopes. */
const named = at("named.ir");
writeFileSync(
  named,
  `graph {
  input x: float32[2]
  block.mlp.h = tanh(x): float32[2]
  block.mlp.g = tanh(block.mlp.h): float32[2]
  output y = block.mlp.g
}
`,
);

/** An objective that has the name of its derivative. */
const clash = at("clash.ir");
writeFileSync(clash, "graph { parameter W: float32[] = 2 dW = mul(W, W): float32[] output dW }\n");

const empty = at("empty.ir");
writeFileSync(empty, "graph { }\n");

describe("inspect", () => {
  it("says what a graph holds, of text and of JSON", async () => {
    const text = await printed(["inspect", file]);
    expect(text).toMatch(/^graph of 59 nodes\n {2}inputs {8}x: float32\[2, 5\], y: int32\[2\]\n/);
    expect(text).toContain("forward 24, first derivatives 35");
    expect(await printed(["inspect", json])).toContain("b1: float32[4]");
  });

  it("prints the whole graph or plan in its text form", async () => {
    expect(await printed(["inspect", json, "--text"])).toBe(
      readFileSync(`${golden}textbook-bias.ir`, "utf8").trimEnd().concat("\n"),
    );
    expect(
      await printed(["inspect", "-", "--text"], planToJson(plan(whole, { target: cpu().target }))),
    ).toMatch(/^plan for cpu\n/);
  });

  it("reads past a byte order mark, with the places as they are", async () => {
    for (const document of [file, json])
      expect(await printed(["inspect", "-"], `\uFEFF${readFileSync(document, "utf8")}`)).toBe(
        await printed(["inspect", document]),
      );
    const { status, stderr } = await adjoint(["inspect", "-"], "\uFEFF{ nothing }");
    expect([status, stderr]).toEqual([
      1,
      'adjoint: standard input: line 1, column 4: not JSON: "n" is out of place (at offset 3)\n',
    ]);
  });

  it("takes a header without end for that of safetensors", async () => {
    const { status, stderr } = await adjoint(["inspect", "-"], new Uint8Array(16).fill(0xff));
    expect([status, stderr]).toMatchObject([
      1,
      expect.stringMatching(
        /^adjoint: standard input: byte 0: a header of 18446744073709551615 bytes: at most/,
      ),
    ]);
  });

  it("prints facts as JSON", async () => {
    const facts: unknown = JSON.parse(await printed(["inspect", file, "--json"]));
    expect(facts).toMatchObject({
      kind: "graph",
      nodes: 59,
      inputs: [{ name: "x", dtype: "float32", shape: [2, 5] }, { name: "y" }],
      parameterBytes: 128,
      outputs: [{ name: "J", shape: [] }, { name: "dW1" }, { name: "dW2" }],
      derivativeOrders: { 0: 24, 1: 35 },
    });
  });

  it.each<readonly [string, string | Uint8Array, string]>([
    ["nothing", "", "standard input: the file is empty (at offset 0)"],
    [
      "half a graph",
      "graph {\n  input x",
      'standard input: line 2, column 10: expected ":", found the end of the text (at offset 17)',
    ],
    ["no graph", "hello", 'standard input: line 1, column 1: expected "graph", found "hello" (at offset 0)'],
    [
      "broken JSON",
      '{"format": "adjoint.graph",',
      "standard input: line 1, column 28: not JSON: the text ends too early (at offset 27)",
    ],
    ["other JSON", '{"a": 1}', 'standard input: format: expected "adjoint.graph", found nothing'],
    [
      "a graph of tomorrow",
      '{"format":"adjoint.graph","version":7}',
      "standard input: version: version 7 is newer than 1, the newest this can read; update @adjoint/core",
    ],
    ["bytes", Uint8Array.of(0x7b, 0xff), "standard input: not UTF-8 (at offset 1)"],
    [
      "half a safetensors file",
      Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 0x7b),
      "standard input: byte 9: truncated: the header ends at byte 17",
    ],
  ])("refuses %s in one line", async (_, input, message) => {
    const { status, stdout, stderr } = await adjoint(["inspect", "-"], input);
    expect([status, stdout, stderr]).toEqual([1, "", `adjoint: ${message}\n`]);
  });

  it("says that a file is not there, or a folder", async () => {
    expect((await adjoint(["inspect", at("none")])).stderr).toBe(`adjoint: ${at("none")}: does not exist\n`);
    expect((await adjoint(["inspect", ""])).stderr).toBe('adjoint: "": does not exist\n');
    const endless = await adjoint(["inspect", "/dev/zero"]);
    expect([endless.status, endless.stderr]).toEqual([
      1,
      existsSync("/dev/zero")
        ? "adjoint: /dev/zero: is a device, which may never end, not a file\n"
        : "adjoint: /dev/zero: does not exist\n",
    ]);
    expect((await adjoint(["inspect", folder])).stderr).toBe(`adjoint: ${folder}: is a folder, not a file\n`);
  });
});

describe("plan", () => {
  it("prints what the memory is for, and writes the plan", async () => {
    const text = await printed(["plan", file, "-o", at("plan.json")]);
    expect(text).toMatch(/arena \(all intermediate values\)/);
    expect(text).toMatch(/cpu: kept by forward for backward\n {2}sub_1: 64 B\n {2}h: 64 B\n/);
    const written = readFileSync(at("plan.json"), "utf8");
    expect(written).toBe(`${planToJson(plan(whole, { target: cpu().target }))}\n`);
    expect(await printed(["plan", "-", "--json"], readFileSync(file))).toBe(written);
    expect(planFromJson(written).target).toBe("cpu");
    expect(await printed(["inspect", at("plan.json")])).toMatch(/^plan for cpu\n/);
  });

  it.each([
    [
      ["plan", file, "--backend", "tpu"],
      "option '--backend <name>' argument 'tpu' is invalid. Allowed choices are cpu, gpu.",
    ],
    [
      ["plan", file, "--budget", "lots"],
      "option '--budget <bytes>' argument 'lots' is invalid. Expected bytes, such as 64MiB, 1.5GB or 4096.",
    ],
  ])("refuses %j", async (args, message) => {
    const { status, stderr } = await adjoint(args);
    expect([status, stderr]).toEqual([2, `adjoint: ${message}; see adjoint plan --help\n`]);
  });

  it("asks for no device to plan for WebGPU", async () => {
    const planned = planFromJson(await printed(["plan", file, "--backend", "gpu", "--json"]));
    expect(planned).toEqual(plan(whole, { target: leastTarget() }));
    expect([planned.target, leastTarget().limits?.bufferBytes]).toEqual(["gpu", 134_217_728]);
  });

  it("keeps to a budget, and says how much it needs at least", async () => {
    const wide =
      "graph { input x: float32[1024] a = exp(x): float32[1024] b = tanh(a): float32[1024] c = sin(a): float32[1024] m = mul(b, c): float32[1024] J = sum(m, axes: [0], keepDims: false): float32[] output J }";
    const derived = await printed(["grad", "-", "--wrt", "x"], wide);
    const memory = async (
      ...budget: readonly string[]
    ): Promise<{ arenaBytes: number; budgetBytes: number | null }> =>
      JSON.parse(await printed(["plan", "-", "--json", ...budget], derived)).memory;
    const free = await memory();
    const kept = await memory("--budget", `${free.arenaBytes / 1024} KiB`);
    expect(kept.budgetBytes).toBe(free.arenaBytes);
    expect(kept.arenaBytes).toBeLessThanOrEqual(free.arenaBytes);
    const { status, stdout, stderr } = await adjoint(["plan", "-", "--budget", "1KB"], derived);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^adjoint: standard input: a memory budget of 1000 bytes is too small: .*Give at least \d+ bytes, .*\n$/,
    );
  });

  it("refuses what is no graph, and what cannot be planned", async () => {
    const { status, stderr } = await adjoint(["plan", at("plan.json")]);
    expect([status, stderr]).toEqual([
      1,
      `adjoint: ${at("plan.json")}: holds a plan, where a graph or a checkpoint is needed\n`,
    ]);
    const half = await adjoint(
      ["plan", "-"],
      "graph { input x: float16[2] y = tanh(x): float16[2] output y }",
    );
    expect([half.status, half.stderr]).toEqual([
      1,
      "adjoint: standard input: x = input(): float16[2]: cpu has no float16; use float32, float64, int32, uint32, bool.\n",
    ]);
  });
});

describe("draw", () => {
  it.each([
    ["dot", () => draw(whole)],
    ["mmd", () => drawMermaid(whole)],
    ["gexf", () => toGexf(whole)],
    ["graphml", () => toGraphml(whole)],
  ] as const)("writes .%s", async (extension, expected) => {
    expect(await printed(["draw", file, "-o", at(`out.${extension}`)])).toBe("");
    expect(readFileSync(at(`out.${extension}`), "utf8")).toBe(expected());
    expect(await printed(["draw", file, "--format", extension])).toBe(expected());
  });

  it("writes SVG with derivatives, up, and without sizes", async () => {
    await printed([
      "draw",
      forward,
      "-o",
      at("out.svg"),
      "--derivatives",
      "--wrt",
      "W1",
      "--direction",
      "up",
      "--no-shapes",
    ]);
    const svg = readFileSync(at("out.svg"), "utf8");
    expect(svg).toMatch(/<svg [\s\S]*<\/svg>\s*$/);
    expect(svg).toContain("<title>∂J/∂W1</title>");
    expect(svg).not.toContain("<title>∂J/∂W2</title>");
    expect(svg).not.toContain("2×5");
  });

  it("draws second derivatives, and scopes as boxes", async () => {
    expect(await printed(["draw", forward, "--hessian"])).toBe(
      draw(parseGraph(readFileSync(forward, "utf8")), { derivatives: { hessian: true } }),
    );
    writeFileSync(at("gpt.ir"), printGraph(gpt(1)));
    const depth = await printed(["draw", at("gpt.ir"), "--collapse", "2"]);
    expect(depth).toBe(draw(gpt(1), { collapse: 2 }));
    expect(await printed(["draw", at("gpt.ir"), "--collapse", "block0,head"])).toBe(
      draw(gpt(1), { collapse: ["block0", "head"] }),
    );
  });

  it("marks what a plan evaluates again", async () => {
    await printed(["plan", file, "-o", at("marks.json")]);
    const marked = await printed(["draw", file, "--plan", at("marks.json")]);
    expect(marked).toBe(draw(whole, { plan: plan(whole, { target: cpu().target }) }));
    const other = await adjoint(["draw", forward, "--plan", at("marks.json")]);
    expect([other.status, other.stdout]).toEqual([1, ""]);
    expect(other.stderr).toMatch(
      /forward\.ir: The plan is of another graph: it evaluates "\S+", which this one lacks\.\n$/,
    );
  });

  it("writes graphology's JSON", async () => {
    const exported: { nodes: unknown[] } = JSON.parse(await printed(["draw", file, "--json"]));
    expect(exported.nodes).toHaveLength(59);
  });

  it.each([
    [
      ["draw", file, "-o", at("out.png")],
      2,
      `${at("out.png")}: its name must end in .svg, .dot, .mmd, .gexf, .graphml, .json, which says what is written; see adjoint draw --help`,
    ],
    [
      ["draw", file, "--json", "--format", "svg"],
      2,
      "--json and --format name two formats; see adjoint draw --help",
    ],
    [
      ["draw", "-", "--plan", "-"],
      2,
      "the graph and its plan cannot both be standard input; see adjoint draw --help",
    ],
    [["draw", forward, "--plan", file], 1, `${file}: holds a graph, where a plan is needed`],
    [
      ["draw", forward, "--collapse", "0"],
      2,
      "option '--collapse <scopes>' argument '0' is invalid. Expected a whole number of at least 1.; see adjoint draw --help",
    ],
    [
      ["draw", file, "--direction", "down"],
      2,
      "option '--direction <where>' argument 'down' is invalid. Allowed choices are right, up.; see adjoint draw --help",
    ],
    [
      ["draw", file, "--derivatives"],
      2,
      "the graph has the outputs J, dW1, dW2: choose one with --of; see adjoint draw --help",
    ],
    [["draw", forward, "--of", "K"], 1, `${forward}: The graph has no node "K".`],
    [["draw", forward, "--of", "sum_1"], 1, `${forward}: The graph has no output "sum_1".`],
    [
      ["draw", forward, "--collapse", "nosuch"],
      1,
      `${forward}: There is no scope "nosuch" to collapse: the graph has none.`,
    ],
    [
      ["draw", named, "--collapse", "block.mlp,nosuch"],
      1,
      `${named}: There is no scope "nosuch" to collapse: the scopes are block, block.mlp.`,
    ],
    [
      ["draw", forward, "-o", join(forward, "out.svg")],
      1,
      `${join(forward, "out.svg")}: lies below something that is no folder`,
    ],
  ] as const)("refuses %j", async (args, status, message) => {
    const outcome = await adjoint(args);
    expect([outcome.status, outcome.stderr]).toEqual([status, `adjoint: ${message}\n`]);
    expect(existsSync(at("out.png"))).toBe(false);
  });
});

describe("derive", () => {
  it("writes Markdown, LaTeX, a page and lines", async () => {
    const graph = parseGraph(readFileSync(forward, "utf8"));
    expect(await printed(["derive", forward])).toBe(equationsToMarkdown(derive(graph)));
    expect(await printed(["derive", forward, "--latex", "--steps", "--hessian", "--wrt", "W2"])).toBe(
      `${equationsToLatex(derive(graph, { steps: true, hessian: true, wrt: ["W2"] }))}\n`,
    );
    await printed(["derive", forward, "-o", at("equations.html")]);
    expect(readFileSync(at("equations.html"), "utf8")).toMatch(
      /^<!doctype html>[\s\S]*<math [\s\S]*<\/html>\n$/,
    );
    const lines: unknown = JSON.parse(await printed(["derive", forward, "--json"]));
    expect(lines).toContainEqual(
      expect.objectContaining({ kind: "adjoint", name: "z", space: "\\mathbb{R}^{2 \\times 4}" }),
    );
  });

  it.each([
    [
      ["derive", forward, "--latex", "--html"],
      2,
      "option '--latex' cannot be used with option '--html'; see adjoint derive --help",
    ],
    [
      ["derive", forward, "--wrt", "y"],
      1,
      `${forward}: y = input(): int32[2] is not differentiable: its dtype is int32.`,
    ],
    [
      ["derive", forward, "--wrt", "W1,,W2"],
      2,
      "option '--wrt <names>' argument 'W1,,W2' is invalid. Expected names with commas between them.; see adjoint derive --help",
    ],
    [
      ["derive", forward, "-o", at("out.pdf")],
      2,
      `${at("out.pdf")}: its name must end in .md, .tex, .html, .json, which says what is written; see adjoint derive --help`,
    ],
  ] as const)("refuses %j", async (args, status, message) => {
    const outcome = await adjoint(args);
    expect([outcome.status, outcome.stdout, outcome.stderr]).toEqual([status, "", `adjoint: ${message}\n`]);
  });
});

describe("grad", () => {
  it("writes the gradients, as JSON or text", async () => {
    await printed(["grad", forward, "--wrt", "W1,W2", "-o", at("grad.json")]);
    const graph = graphFromJson(JSON.parse(readFileSync(at("grad.json"), "utf8")));
    expect(Object.keys(graph.outputs)).toEqual(["J", "dW1", "dW2"]);
    expect(sameGraph(parseGraph(await printed(["grad", forward])), graph)).toBe(true);
  });

  it("writes Hessian-vector products that differences of gradients confirm", async () => {
    const graph = graphFromJson(
      JSON.parse(await printed(["grad", forward, "--of", "J", "--wrt", "W1", "--order", "2", "--json"])),
    );
    expect(Object.keys(graph.outputs)).toEqual(["J", "dW1", "d2W1"]);
    expect(graph.inputs.map((node) => graph.nameOf(node)).sort()).toEqual(["v_W1", "x", "y"]);
    const v = Array.from({ length: 20 }, (_, k) => Math.cos(k));
    const W1 = Array.from({ length: 20 }, (_, k) => Math.sin(3 * k));
    const values = { x: Array.from({ length: 10 }, (_, k) => Math.sin(k)), y: [1, 2], v_W1: v };
    const outputs = (step: number): Readonly<Record<string, Float64Array>> =>
      interpret(graph, { ...values, W1: W1.map((w, k) => w + step * (v[k] ?? 0)) }).outputs;
    const [above, below, exact] = [outputs(1e-5)["dW1"], outputs(-1e-5)["dW1"], outputs(0)["d2W1"]];
    for (let k = 0; k < 20; k++)
      expect(((above?.[k] ?? 0) - (below?.[k] ?? 0)) / 2e-5).toBeCloseTo(exact?.[k] ?? Number.NaN, 7);
  });

  it.each([
    [
      ["grad", file],
      2,
      "the graph has the outputs J, dW1, dW2: choose one with --of; see adjoint grad --help",
    ],
    [
      ["grad", clash],
      1,
      `${clash}: two outputs would be called "dW", one of them a derivative: rename the output or the weight that leads to it`,
    ],
    [
      ["grad", empty],
      2,
      "the graph has no output; say what to differentiate with --of; see adjoint grad --help",
    ],
    [
      ["derive", empty],
      2,
      "the graph has no output; say what to differentiate with --of; see adjoint derive --help",
    ],
    [
      ["derive", file],
      2,
      "the graph has the outputs J, dW1, dW2: choose one with --of; see adjoint derive --help",
    ],
    [["grad", forward, "--wrt", "W9"], 1, `${forward}: The graph has no node "W9".`],
    [["grad", forward, "--of", "nothing"], 1, `${forward}: The graph has no node "nothing".`],
    [
      ["grad", forward, "--of", "o"],
      1,
      `${forward}: "o", float32[2, 3], is not a scalar: choose one with --of, or reduce it with sum or mean first`,
    ],
    [
      ["grad", forward, "--order", "0"],
      2,
      "option '--order <n>' argument '0' is invalid. Expected a whole number from 1 to 8.; see adjoint grad --help",
    ],
  ] as const)("refuses %j", async (args, status, message) => {
    const outcome = await adjoint(args);
    expect([outcome.status, outcome.stdout, outcome.stderr]).toEqual([status, "", `adjoint: ${message}\n`]);
  });
});

describe("report", () => {
  it("writes one page, and says so as JSON", async () => {
    const json = JSON.parse(
      await printed(["report", forward, "-o", at("report.html"), "--title", "A network", "--json"]),
    );
    const page = readFileSync(at("report.html"), "utf8");
    expect(json).toMatchObject({ output: at("report.html"), bytes: Buffer.byteLength(page), target: "cpu" });
    expect(page).toMatch(/^<!doctype html>[\s\S]*<h1>A network<\/h1>[\s\S]*<\/html>\n$/);
  });

  it.each([
    [["report", forward, "--json"], 2, "--json needs -o FILE for the page; see adjoint report --help"],
    [
      ["report", forward, "--of", "K"],
      1,
      `${forward}: The program has no output "K" that is a scalar to differentiate.`,
    ],
    [["report", at("none")], 1, `${at("none")}: does not exist`],
  ] as const)("refuses %j", async (args, status, message) => {
    const outcome = await adjoint(args);
    expect([outcome.status, outcome.stdout, outcome.stderr]).toEqual([status, "", `adjoint: ${message}\n`]);
  });
});
