/** PyTorch's values, gradients and second derivatives against Adjoint's, by the table of operators. */

import { cpu } from "@adjoint/backend-cpu";
import { readCases, type Tensor, type TorchCase } from "examples/torch-cases/format.js";
import { type CaseReport, interpreted, planned, type Runner, summarize } from "examples/torch-cases/run.js";
import { operatorsOutOfScope } from "examples/torch-cases/scope.js";
import { mappings } from "examples/torch-cases/table.js";
import { describe, expect, it } from "vitest";
import { sharedPath } from "./shared.js";

const file = sharedPath("reference/torch-gradients/cases.jsonl.gz");

/** Every operator among the reports with how often it is there and why. */
function reasons(reports: readonly CaseReport[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { op, variant, reason = "" } of reports) {
    const name = variant === "" ? op : `${op}.${variant}`;
    const count = Number.parseInt(found[name] ?? "0", 10) + 1;
    found[name] = `${count}: ${reason}`;
  }
  return found;
}

const noSingularValues = "made of singular values, for which there is no decomposition";

describe.skipIf(file === undefined)("the reference cases", () => {
  it("pass on the CPU in float64, but for those that are named here", async () => {
    const cases = readCases(file ?? "");
    expect(cases).toHaveLength(667);
    const summary = await summarize(cases, planned(cpu()));
    const of = (status: CaseReport["status"]): CaseReport[] =>
      summary.cases.filter((report) => report.status === status);
    expect(reasons(of("wrong"))).toEqual({});
    expect(reasons(of("refused"))).toEqual({
      "linalg.norm": `1: the matrix norm nuc is ${noSingularValues}`,
      "nn.functional._scaled_dot_product_attention": "1: PyTorch's random numbers",
      "norm.nuc": `1: the nuclear norm is ${noSingularValues}`,
    });
    expect(reasons(of("outOfScope"))).toEqual({
      "div.trunc_rounding": "4: not to be judged",
      "linalg.norm.subgradients_at_zero":
        "4: not to be judged: another subgradient where there is no gradient",
      "linalg.pinv.hermitian": "1: not to be judged: the derivative is taken along Hermitian matrices only",
      "nn.functional.hardsigmoid": "1: PyTorch's adjoint multiplies by 1/6 rounded to float32, 3e-8 off",
    });
    expect(summary).toMatchObject({ passed: 654, wrong: 0, refused: 3, outOfScope: 10 });
  }, 240_000);
});

function tensor(...elements: readonly number[]): Tensor {
  return { kind: "f64", shape: [elements.length], elements };
}

/** x · x · x at 2 and 3 along 1 and -1, with cotangents 1 and 10. */
const cube: TorchCase = {
  op: "pow",
  variant: "",
  sample: 0,
  input: { tensor: tensor(2, 3) },
  args: [{ value: 3 }],
  kwargs: {},
  diffInputs: [0],
  outputs: [tensor(8, 27)],
  diffOutputs: [0],
  cotangents: [tensor(1, 10)],
  grads: [tensor(12, 270)],
  second: { directions: [tensor(1, -1)], hvp: [tensor(12, -180)], jvp: [tensor(12, -27)] },
};

async function statusOf(torch: TorchCase, run: Runner): Promise<string> {
  const { cases } = await summarize([torch], run);
  return cases.map(({ status, reason }) => (reason === undefined ? status : `${status}: ${reason}`)).join();
}

describe.each<[string, Runner]>([
  ["interpreter", interpreted],
  ["cpu", planned(cpu())],
])("a case in the %s", (_, run) => {
  it("passes when everything is as PyTorch has it", async () => {
    expect(await statusOf(cube, run)).toBe("passed");
  });

  it.each<[string, Partial<TorchCase>, string]>([
    ["the value", { outputs: [tensor(8, 27.000001)] }, "y0[1] is 27, not 27.000001"],
    ["a shape", { outputs: [tensor(8, 27, 64)] }, "y0 has shape [2], not [3]"],
    ["the gradient", { grads: [tensor(12.000001, 270)] }, "grad0[0] is 12, not 12.000001"],
    ["dependence", { grads: [undefined] }, "grad0[1] is 270, not 0"],
    ["a second derivative", { second: { ...second(), hvp: [tensor(12, 180)] } }, "hvp0[1] is -180, not 180"],
    [
      "a directional derivative",
      { second: { ...second(), jvp: [tensor(11, -27)] } },
      "jvp0[0] is 12, not 11",
    ],
    ["a NaN", { outputs: [tensor(8, Number.NaN)] }, "y0[1] is 27, not NaN"],
  ])("is wrong when the reference differs in %s", async (__, change, reason) => {
    expect(await statusOf({ ...cube, ...change }, run)).toBe(`wrong: ${reason}`);
  });

  it("is refused for an operator or an argument that is not mapped", async () => {
    expect(await statusOf({ ...cube, op: "airy" }, run)).toBe("refused: operator airy is not mapped");
    const out = { ...cube, kwargs: { out: { value: 1 } } };
    expect(await statusOf(out, run)).toBe("refused: argument out is not mapped");
    const twice = { ...cube, args: [...cube.args, { value: 1 }] };
    expect(await statusOf(twice, run)).toBe("refused: 3 arguments, where 2 are mapped");
  });

  it("is refused where Adjoint refuses shapes", async () => {
    const uneven = { ...cube, args: [{ tensor: tensor(1, 2, 3) }] };
    expect(await statusOf(uneven, run)).toMatch(/^refused: pow\(.*do not broadcast/);
  });
});

function second(): NonNullable<TorchCase["second"]> {
  if (cube.second === undefined) throw new Error("the cube has second derivatives");
  return cube.second;
}

it("no operator is both mapped and out of scope", () => {
  const both = Object.keys(operatorsOutOfScope).filter((name) => Object.hasOwn(mappings, name));
  expect(both).toEqual([]);
});
