/** The report: the exercises' numbers for the textbook's network, layers that add up, and a page that needs nothing else. */

import {
  add,
  constant,
  div,
  type Graph,
  graph,
  graphFromJson,
  input,
  label,
  matmul,
  mean,
  mul,
  normal,
  parameter,
  sameGraph,
  softmaxCrossEntropy,
  square,
  sum,
  tanh,
  transpose,
} from "@adjoint/core";
import { report } from "@adjoint/interchange";
import { gradient, type Plan, plan, planFromJson, reference, sgd } from "@adjoint/scheduler";
import { beforeAll, describe, expect, it } from "vitest";
import { gpt, lenet, textbook, transformer } from "./networks.js";

const { target } = reference();
const reportOf = (program: Graph, budgets = 0): Promise<string> =>
  report(program, plan(program, { target }), { target, budgets });

/** The textbook's network at the size of the reference values, as a program that trains. */
function training(): Graph {
  const [n, d, h, q] = [256, 784, 256, 10];
  const [W1, W2] = [
    parameter("W1", [h, d], normal({ seed: 1 })),
    parameter("W2", [q, h], normal({ seed: 2 })),
  ];
  const z = label(matmul(input("x", [n, d]), transpose(W1)), "z");
  const o = label(matmul(label(tanh(z), "h"), transpose(W2)), "o");
  const L = label(mean(softmaxCrossEntropy(o, input("y", [n], "int32"))), "L");
  const lambda = label(constant(0.1), "lambda");
  const J = add(L, label(mul(div(lambda, 2), add(sum(square(W1)), sum(square(W2)))), "s"));
  const [dW1, dW2] = gradient(J, [W1, W2]);
  const updates = sgd(
    [
      [W1, dW1],
      [W2, dW2],
    ],
    { learningRate: 0.1 },
  );
  return graph({ outputs: { J }, updates });
}

/** The rows of the table under a caption, cells as text. */
function rowsOf(page: string, caption: string): string[][] {
  const [, rest = ""] = page.split(`<caption>${caption}</caption>`);
  const [body = ""] = rest.split("</table>");
  return [...body.matchAll(/<tr>(.*?)<\/tr>/gs)]
    .slice(1)
    .map(([, row = ""]) => [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = ""]) => cell));
}

const numberOf = (text: string | undefined): number => Number((text ?? "").replaceAll(",", ""));

describe("the textbook's network at n = 256, 784-256-10", () => {
  const program = training();
  let page = "";
  beforeAll(async () => {
    page = await reportOf(program, 3);
  });

  it("1: gives gradients the shapes of what they are by", () => {
    expect(rowsOf(page, "Shapes of the derivatives of J")).toEqual([
      ["x", "256 × 784", "256 × 784"],
      ["W1", "256 × 784", "256 × 784"],
      ["W2", "10 × 256", "10 × 256"],
    ]);
  });

  it("2: adds a bias to the hidden layer, which changes three lines", () => {
    expect(page).toContain("With a bias b1 in the layer z, these lines are new or differ, 3 of 21");
    expect(page).toContain("The graph with the bias b1 in the layer z");
  });

  it("3: takes the least memory that there is for inference and training", () => {
    expect(page).toContain("203,264 numbers are parameters");
    expect(page).toContain("68,096 numbers for the prediction");
    expect(page).toContain("268,801 numbers for the objective with its gradient");
  });

  it("4: counts the multiply-adds a + b, 2a + 3b and 4a + 9b", () => {
    const [a, b] = [256 * 784 * 256, 256 * 256 * 10];
    const rows = rowsOf(page, "What each order of derivative does, each with what is above it");
    expect(rows.map(([name, , , products]) => [name, numberOf(products)])).toEqual([
      ["prediction", a + b],
      ["objective", a + b],
      ["with its gradient", 2 * a + 3 * b],
      ["with a Hessian-vector product", 4 * a + 9 * b],
    ]);
    const nodes = rows.map(([, count]) => numberOf(count));
    expect(nodes).toEqual([...nodes].sort((x, y) => x - y));
  });

  it("5: cuts the network between its layers, and divides its batch", () => {
    const [first] = rowsOf(page, "Cuts between two layers");
    // h goes forward; ∂J/∂o comes back, because ∂J/∂h is made within the kernel of ∂J/∂z.
    expect(first?.[0]).toBe("z, h");
    expect(first?.[3]).toBe("256 KiB");
    expect(first?.[4]).toBe("10 KiB");
    const parts = rowsOf(page, "Smaller batches instead, each planned");
    expect(parts.map(([count, examples]) => [numberOf(count), numberOf(examples)])).toEqual([
      [1, 256],
      [2, 128],
      [4, 64],
      [8, 32],
    ]);
    const shares = parts.map(([, , alone]) => Number(/\(([\d.]+) %\)/.exec(alone ?? "")?.[1]));
    expect(shares[0]).toBe(100);
    expect(shares).toEqual([...shares].sort((x, y) => y - x));
    for (const [, , , together] of parts) expect(together).toMatch(/iB \([\d.]+ %\)$/);
  });

  it("gives each layer its parameters", () => {
    const rows = rowsOf(page, "Cost by layer, of the objective with its gradient");
    expect(rows.map(([name, parameters]) => [name, numberOf(parameters)])).toEqual([
      ["z, h", 256 * 784],
      ["o", 10 * 256],
      ["L", 0],
      ["s, J", 0],
    ]);
  });

  it("shows what less memory would cost, and what is proved of that", () => {
    const rows = rowsOf(page, "Budgets of memory for this program");
    expect(rows).toHaveLength(3);
    for (const [budget, arena, added, needed] of rows) {
      expect(budget).toMatch(/B$/);
      expect(arena).toMatch(/B$/);
      expect(Number.parseFloat(needed ?? "")).toBeLessThanOrEqual(Number.parseFloat(added ?? ""));
    }
    expect(rows.at(-1)?.[2]).toBe("0 %");
    expect(page).toContain("Work added by evaluating values again");
  });

  it("carries the program and its plan", () => {
    const read = (id: string): string =>
      new RegExp(`<script type="application/json" id="data-${id}">(.*?)</script>`, "s").exec(page)?.[1] ?? "";
    expect(sameGraph(graphFromJson(JSON.parse(read("graph"))), program)).toBe(true);
    expect(planFromJson(read("plan"))).toEqual(plan(program, { target }));
  });

  it("names nothing outside of itself", () => {
    const addresses = [...page.matchAll(/(?:src|href|url\()=?"?([^"\s)>]*)/g)].map(
      ([, address = ""]) => address,
    );
    expect(addresses.filter((address) => /^(https?:)?\/\//.test(address))).toEqual([]);
    expect(page).toContain("default-src 'none'");
  });
});

let ofGpt: Promise<string> | undefined;
/** The page about a GPT of one block, made once. */
function pageOfGpt(): Promise<string> {
  ofGpt ??= reportOf(gpt(1));
  return ofGpt;
}

it.each([
  ["with a bias", () => reportOf(textbook({ bias: true }))],
  ["of one column", () => reportOf(textbook({ column: true }))],
  ["lenet", () => reportOf(lenet())],
  ["transformer", () => reportOf(transformer())],
  ["gpt", () => pageOfGpt()],
])("answers every exercise: %s", async (_, pageOf) => {
  const page = await pageOf();
  for (const exercise of [1, 2, 3, 4, 5]) expect(page).toContain(`<h3>${exercise}. `);
  const [shown = ""] = page.split('<script type="application/json"');
  expect(/.{20}(NaN|undefined|\[object).{20}/s.exec(shown)?.[0]).toBeUndefined();
});

it("shows what less memory would cost a network whose gradients are not declared", async () => {
  const page = await reportOf(transformer(), 3);
  const rows = rowsOf(page, "Budgets of memory for this program with its gradient");
  expect(rows).toHaveLength(3);
  expect(Number.parseFloat(rows[0]?.[2] ?? "")).toBeGreaterThan(0);
});

it("compares a network that has a bias with the one without", async () => {
  const page = await reportOf(textbook({ bias: true }));
  expect(page).toContain("The layer z has the bias b1 already");
});

it("makes layers of scopes, whose work adds up to that of the plan", async () => {
  const page = await pageOfGpt();
  const names = rowsOf(page, "Cost by layer, of the objective with its gradient").map(([name]) => name);
  expect(names).toEqual(expect.arrayContaining(["block0.attention", "block0.ln1", "block0.mlp", "head"]));
});

it("is the same text every time", async () => {
  const program = textbook({ bias: true });
  expect(await reportOf(program, 2)).toBe(await reportOf(program, 2));
});

it("reports a program without an objective", async () => {
  const program = graph({ outputs: { y: tanh(input("x", [3])), z: sum(input("x", [3]), { axes: 0 }) } });
  const several = graph({ outputs: { a: sum(input("x", [3])), b: mean(input("x", [3])) } });
  for (const each of [program, several]) expect(await reportOf(each)).toContain('<h2 id="memory">');
  await expect(report(several, plan(several, { target }), { of: "c" })).rejects.toThrow(/no output "c"/);
});

it("escapes what users write", async () => {
  const odd = '</script><img src=x onerror="alert(1)">&';
  const program = graph({ outputs: { J: sum(label(tanh(parameter("w", [3])), odd)) } });
  const page = await report(program, plan(program, { target }), { title: odd, budgets: 0 });
  // What follows are the scripts: the program as data, which cannot end them, and the inspector.
  const [shown = "", ...scripts] = page.split("<script");
  expect(shown.includes("<img")).toBe(false);
  expect(scripts).toHaveLength(3);
  expect(scripts.every((script) => script.split("</script>").length === 2)).toBe(true);
});

it("stops when it is asked to", async () => {
  const signal = AbortSignal.abort();
  const program = textbook();
  const made: Plan = plan(program, { target });
  await expect(report(program, made, { signal })).rejects.toThrow(/abort/i);
});
