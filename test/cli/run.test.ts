/** run and check: numbers in, numbers out, and findings. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { interpret, parseGraph } from "@adjoint/core";
import { readSafetensors, type StorableNow, writeSafetensors } from "@adjoint/interchange";
import { describe, expect, it } from "vitest";
import { adjoint, golden, printed, scratch } from "./command.js";
import { examples, trainingText } from "./network.js";

const folder = scratch();
const at = (name: string): string => join(folder, name);
const program = at("program.ir");
const feeds = at("feeds.safetensors");
writeFileSync(program, trainingText);
writeFileSync(feeds, examples(8));

describe("run", () => {
  it("gives the outputs, of a graph and of its plan alike, to a file, as text, as JSON and as bytes", async () => {
    const x = readSafetensors(readFileSync(feeds)).tensors;
    const values = { x: numbers(x.get("x")), y: numbers(x.get("y")) };
    const expected = interpret(parseGraph(trainingText), values).outputs["J"]?.[0] ?? Number.NaN;
    const text = await printed(["run", program, "--feeds", feeds]);
    expect(Number(/^J: float32\[\] = (\S+)\n$/.exec(text)?.[1])).toBeCloseTo(expected, 5);
    await printed(["plan", program, "-o", at("plan.json")]);
    expect(await printed(["run", at("plan.json"), "--feeds", feeds])).toBe(text);
    expect(await printed(["run", program, "--feeds", feeds, "-o", at("out.safetensors")])).toBe("");
    const out = readSafetensors(readFileSync(at("out.safetensors"))).tensors.get("J");
    expect(out?.data[0]).toBeCloseTo(expected, 5);
    const json = JSON.parse(await printed(["run", program, "--feeds", "-", "--json"], readFileSync(feeds)));
    expect(json).toEqual({ J: { dtype: "float32", shape: [], data: [out?.data[0]] } });
    const { bytes } = await adjoint(["run", program, "--feeds", feeds, "-o", "-"]);
    expect(Buffer.compare(bytes, readFileSync(at("out.safetensors")))).toBe(0);
  });

  it("takes parameters in place of the initial ones", async () => {
    writeFileSync(
      at("zero.safetensors"),
      writeSafetensors({ W: { dtype: "float32", shape: [3, 4], data: new Float32Array(12) } }),
    );
    const text = await printed(["run", program, "--feeds", feeds, "--parameters", at("zero.safetensors")]);
    expect(text).toBe(`J: float32[] = ${Number(Math.fround(Math.log(3)).toPrecision(7))}\n`);
  });

  const x: StorableNow = { dtype: "float32", shape: [8, 4], data: new Float32Array(32) };
  const y: StorableNow = { dtype: "int32", shape: [8], data: new Int32Array(8) };
  it.each<readonly [string, Readonly<Record<string, StorableNow>>, string]>([
    ["a missing input", { x }, 'input "y", int32[8], is missing: there is x'],
    ["an unknown one", { x, y, z: y }, '"z" is no input; the inputs are x, y'],
    [
      "another shape",
      { y, x: { ...x, shape: [4, 8] } },
      'input "x" has shape [8, 4], but is stored as [4, 8]',
    ],
    [
      "half a label",
      { x, y: { dtype: "float32", shape: [8], data: new Float32Array(8).fill(0.5) } },
      'input "y": element 0 is 0.5, which is no int32',
    ],
    [
      "too large a label",
      { x, y: { dtype: "int64", shape: [8], data: new BigInt64Array(8).fill(2n ** 40n) } },
      'input "y": element 0 is 1099511627776, which is no int32',
    ],
    [
      "8-bit floats",
      { y, x: { dtype: "float8_e4m3", shape: [8, 4], data: new Uint8Array(32) } },
      '"x" is stored as float8_e4m3, which cannot be decoded.',
    ],
  ])("refuses %s", async (_, tensors, message) => {
    const file = at("bad.safetensors");
    writeFileSync(file, writeSafetensors(tensors));
    const { status, stdout, stderr } = await adjoint(["run", program, "--feeds", file]);
    expect([status, stdout, stderr]).toEqual([1, "", `adjoint: ${file}: ${message}\n`]);
  });

  it.each([
    [["run", feeds], `${feeds}: holds tensors, where a graph or a plan or a checkpoint is needed`],
    [
      ["run", program, "--feeds", program],
      `${program}: holds a graph, where tensors or a checkpoint is needed`,
    ],
    [
      ["run", program, "--feeds", feeds, "--parameters", feeds],
      `${feeds}: none of y, x is a parameter of the graph`,
    ],
  ])("refuses %j", async (args, message) => {
    const { status, stdout, stderr } = await adjoint(args);
    expect([status, stdout, stderr]).toEqual([1, "", `adjoint: ${message}\n`]);
  });

  it("says how inputs are given", async () => {
    const { status, stdout, stderr } = await adjoint(["run", program]);
    expect([status, stdout, stderr]).toEqual([
      2,
      "",
      "adjoint: give the inputs x: float32[8, 4], y: int32[8] with --feeds; see adjoint run --help\n",
    ]);
  });

  it("decodes 16-bit floats", async () => {
    const halves = [0x3c00, 0xc000, 0x0001, 0x7c00, 0x8000, 0x3555];
    const brains = [0x3f80, 0xc000, 0x0001, 0x7f80, 0x8000, 0x3eab];
    writeFileSync(at("h.ir"), "graph { input a: float32[6] input b: float32[6] output a output b }");
    writeFileSync(
      at("h.safetensors"),
      writeSafetensors({
        a: { dtype: "float16", shape: [6], data: Uint16Array.from(halves) },
        b: { dtype: "bfloat16", shape: [6], data: Uint16Array.from(brains) },
      }),
    );
    const out: unknown = JSON.parse(
      await printed(["run", at("h.ir"), "--feeds", at("h.safetensors"), "--json"]),
    );
    expect(out).toMatchObject({
      a: { data: [1, -2, 2 ** -24, "Infinity", expect.anything(), Math.fround(0.333251953125)] },
      b: { data: [1, -2, 2 ** -133, "Infinity", expect.anything(), 0.333984375] },
    });
  });
});

function numbers(tensor: { readonly data: Iterable<number> | Iterable<bigint> } | undefined): number[] {
  return Array.from<number | bigint>(tensor?.data ?? []).map(Number);
}

/** Some 8 million operations. */
const largeText = `graph {
  input x: float32[128, 256]
  parameter W: float32[256, 128] = normal(mean: 0, std: 0.05, seed: 1)
  z = matmul(x, W): float32[128, 128]
  h = tanh(z): float32[128, 128]
  J = sum(h, axes: [0, 1], keepDims: false): float32[]
  output J
}`;

describe("check", () => {
  it("finds nothing wrong with the textbook's network, nor with a training step", async () => {
    const text = await printed(["check", `${golden}textbook-bias.ir`]);
    expect(
      text
        .trimEnd()
        .split("\n")
        .map((line) => line.slice(0, 8)),
    ).toEqual(Array.from({ length: 9 }, () => "passed  "));
    expect(text).toContain("second derivative of J by b1 along a random direction: ");
    const json: unknown = JSON.parse(await printed(["check", program, "--feeds", feeds, "--json"]));
    expect(json).toMatchObject({ passed: true });
  });

  it("compares what is too much for the interpreter with float64 on the CPU", async () => {
    const text = await printed(["check", "-"], largeText);
    expect(text).toMatch(/relative difference \S+ from float64 on the CPU \(\d+ M operations are too many/);
    expect(text.match(/^passed/gm)).toHaveLength(5);
    // A first derivative by float32 alone would not agree this far.
    const [, slope, quotient] =
      /^passed {2}gradient of J by W .*: (\S+), by differences (\S+)$/m.exec(text) ?? [];
    expect(Number(slope) / Number(quotient)).toBeCloseTo(1, 4);
  });

  it("finds a derivative that is not one", async () => {
    // stopGradient makes a derivative 0 where the value still moves.
    const wrong =
      "graph { parameter a: float32[2] = 1 s = stopGradient(a): float32[2] p = mul(s, a): float32[2] J = sum(p, axes: [0], keepDims: false): float32[] output J }";
    const { status, stdout, stderr } = await adjoint(["check", "-"], wrong);
    expect([status, stderr]).toEqual([1, "adjoint: -: 2 of 5 checks failed\n"]);
    expect(stdout).toMatch(
      /^FAILED {2}gradient of J by a along a random direction: \S+, by differences \S+$/m,
    );
  });

  it.each([
    [["check", program, "--of", "nothing"], `${program}: The graph has no node "nothing".`],
    [
      ["check", program, "--feeds", at("zero.safetensors"), "--parameters", at("none")],
      `${at("none")}: does not exist`,
    ],
  ])("refuses %j", async (args, message) => {
    const { status, stderr } = await adjoint(args);
    expect([status, stderr]).toEqual([1, `adjoint: ${message}\n`]);
  });
});
