/** train: losses that fall, checkpoints that are gone on from with the same bits, and what cannot be trained. */

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readSafetensors, writeSafetensors } from "@adjoint/interchange";
import { describe, expect, it } from "vitest";
import { adjoint, printed, scratch, spawned } from "./command.js";
import { examples, trainingText } from "./network.js";

const folder = scratch();
const at = (name: string): string => join(folder, name);
const program = at("program.ir");
const data = at("examples.safetensors");
writeFileSync(program, trainingText);
writeFileSync(data, examples(203));
const adam = ["--optimizer", "adam", "--learning-rate", "0.05"];
/** 25 steps an epoch, 3 examples left out. */
const train = (epochs: number, ...rest: readonly string[]): string[] => [
  "train",
  program,
  "--data",
  data,
  "--epochs",
  String(epochs),
  ...adam,
  ...rest,
];

describe("training", () => {
  it("lowers the loss, prints a line an epoch, and writes the parameters", async () => {
    const { status, stdout, stderr } = await adjoint(train(6, "--json", "-o", at("trained.safetensors")));
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line): { epoch: number; step: number; J: number } => JSON.parse(line));
    expect(status).toBe(0);
    expect(lines.map(({ epoch, step }) => [epoch, step])).toEqual(
      [1, 2, 3, 4, 5, 6].map((epoch) => [epoch, 25 * epoch]),
    );
    expect(lines.at(-1)?.J ?? 1).toBeLessThan((lines[0]?.J ?? 0) / 2);
    expect(stderr).toMatch(/^epoch 1\/6 {3}loss \d\.\d{4} {3}[\d ]+ examples\/s {3}\S+ s\n/);
    expect(stderr).toMatch(/\ndone: 150 steps\n$/);
    expect([...readSafetensors(readFileSync(at("trained.safetensors"))).tensors.keys()].sort()).toEqual([
      "W",
      "W.adam.m",
      "W.adam.v",
      "adam.step",
    ]);
    const before = await printed(["run", program, "--feeds", batch(), "--json"]);
    const after = await printed(["run", program, "--feeds", batch(), "--json", "--parameters", weights()]);
    expect(JSON.parse(after).J.data[0]).toBeLessThan(JSON.parse(before).J.data[0] / 2);
  });

  it("shuffles by seed and epoch, the same in every run", async () => {
    const losses = async (...rest: readonly string[]): Promise<string> =>
      (await adjoint(train(2, "--json", ...rest))).stdout;
    const first = await losses();
    expect(await losses("--seed", "0")).toBe(first);
    expect(await losses("--seed", "1")).not.toBe(first);
  });

  it("goes on with the same bits after any break between epochs", async () => {
    const outcome = await adjoint(train(3, "--checkpoint", at("whole")));
    expect(outcome.stderr).toMatch(new RegExp(`\ndone: 75 steps; saved in ${at("whole")}\n$`));
    for (const epochs of [1, 2, 3])
      expect((await adjoint(train(epochs, "--checkpoint", at("parts"), "--resume"))).status).toBe(0);
    expect(Buffer.compare(checkpoint("parts"), checkpoint("whole"))).toBe(0);
    expect(await printed(["inspect", join(at("whole"), "checkpoint.safetensors")])).toMatch(
      /^checkpoint after 75 steps\n {2}examples {6}203\n/,
    );
    expect(
      JSON.parse(await printed(["inspect", join(at("whole"), "checkpoint.safetensors"), "--json"])),
    ).toMatchObject({ step: 75 });
    // Nothing is left to do.
    expect((await adjoint(train(3, "--checkpoint", at("whole"), "--resume"))).stderr).toContain(
      "done: 75 steps",
    );
    expect(
      await printed(["run", join(at("whole"), "checkpoint.safetensors"), "--feeds", batch(), "--json"]),
    ).toContain('"J"');
  });

  it("goes on with the same bits after Ctrl-C, and after being killed", { timeout: 120_000 }, async () => {
    const whole = await adjoint(train(40, "--checkpoint", at("unbroken")));
    expect(whole.status).toBe(0);
    const args = train(40, "--checkpoint", at("broken"), "--resume", "--save-every", "7");
    const stops: string[] = [];
    for (let k = 0; ; k++) {
      const signal = k % 2 === 0 ? "SIGINT" : "SIGKILL";
      const before = stamp();
      const outcome = await spawned(args, {
        started: (child) => {
          if (k >= 6) return;
          const timer = setInterval(() => {
            if (stamp() === before) return;
            clearInterval(timer);
            setTimeout(() => child.kill(signal), Math.random() * 20);
          }, 1);
          child.on("close", () => clearInterval(timer));
        },
      });
      stops.push(outcome.signal ?? String(outcome.status));
      if (outcome.status === 130) {
        expect(outcome.stderr).toContain("\nstopping after this step; press Ctrl-C again to stop at once\n");
        expect(outcome.stderr).toMatch(/adjoint: stopped after step \d+ of 1000; saved in .*broken\n$/);
      }
      if (outcome.status === 0) break;
      expect(existsSync(join(at("broken"), "checkpoint.safetensors"))).toBe(true);
    }
    expect(stops).toContain("130");
    expect(stops).toContain("SIGKILL");
    expect(Buffer.compare(checkpoint("broken"), checkpoint("unbroken"))).toBe(0);
    expect(readdirSync(at("broken"))).toEqual(["checkpoint.safetensors"]);
  });
});

/** What changes with every checkpoint. */
function stamp(): string {
  try {
    return checkpoint("broken").toString("latin1");
  } catch {
    return "";
  }
}

function checkpoint(name: string): Buffer {
  return readFileSync(join(at(name), "checkpoint.safetensors"));
}

function batch(): string {
  writeFileSync(at("batch.safetensors"), examples(8));
  return at("batch.safetensors");
}

/** The weights alone of what was trained. */
function weights(): string {
  const W = readSafetensors(readFileSync(at("trained.safetensors"))).tensors.get("W");
  if (W === undefined) throw new Error("no W");
  writeFileSync(at("weights.safetensors"), writeSafetensors({ W }));
  return at("weights.safetensors");
}

describe("data", () => {
  const x = { dtype: "float32", shape: [16, 4], data: new Float32Array(64) };
  const y = { dtype: "int32", shape: [16], data: new Int32Array(16) };
  const refusals: readonly (readonly [string, Parameters<typeof writeSafetensors>[0], string])[] = [
    ["no labels", { x }, 'input "y", int32[8], is missing: there is x'],
    [
      "fewer labels than examples",
      { x, y: { ...y, shape: [15], data: new Int32Array(15) } },
      '"x" has 16 examples, but "y" has 15',
    ],
    [
      "examples of another width",
      { y, x: { ...x, shape: [32, 2] } },
      'input "x" has shape [8, 4]; stored as [32, 2], it is neither that nor a list of examples',
    ],
    [
      "too few examples",
      {
        x: { ...x, shape: [3, 4], data: new Float32Array(12) },
        y: { ...y, shape: [3], data: new Int32Array(3) },
      },
      "3 examples do not fill a batch of 8",
    ],
  ];
  it.each(refusals)("refuses %s", async (_, tensors, message) => {
    const file = at("bad.safetensors");
    writeFileSync(file, writeSafetensors(tensors));
    const { status, stderr } = await adjoint(["train", program, "--data", file, "--epochs", "1", ...adam]);
    expect([status, stderr]).toEqual([1, `adjoint: ${file}: ${message}\n`]);
  });

  it("feeds what has exactly the input's shape whole, in every step", async () => {
    const text =
      "graph { input x: float32[2] input c: float32[3] parameter w: float32[] = 0 s = sum(x, axes: [0], keepDims: false): float32[] t = sum(c, axes: [0], keepDims: false): float32[] J = mul(s, t): float32[] next = add(w, J): float32[] output J update w = next }";
    writeFileSync(at("whole.ir"), text);
    writeFileSync(
      at("c.safetensors"),
      writeSafetensors({
        x: { dtype: "uint8", shape: [4], data: Uint8Array.of(1, 2, 3, 4) },
        c: { dtype: "float32", shape: [3], data: Float32Array.of(1, 1, 1) },
      }),
    );
    await adjoint([
      "train",
      at("whole.ir"),
      "--data",
      at("c.safetensors"),
      "--epochs",
      "2",
      "-o",
      at("w.safetensors"),
    ]);
    expect([...(readSafetensors(readFileSync(at("w.safetensors"))).tensors.get("w")?.data ?? [])]).toEqual([
      60,
    ]);
  });
});

describe("a graph without updates", () => {
  it.each<readonly [readonly string[], string]>([
    [[], "adam with a learning rate of 0.001"],
    [["--optimizer", "lion"], "lion with a learning rate of 0.0001"],
    [["--learning-rate", "0.05"], "adam with a learning rate of 0.05"],
  ])("is trained by a usual optimizer, which is said: %j", async (options, said) => {
    const chosen = await adjoint(["train", program, "--data", data, "--epochs", "1", "--json", ...options]);
    expect([chosen.status, chosen.stderr]).toEqual([0, expect.stringContaining(`training by ${said}\n`)]);
    const [, name, rate] = /^(\w+) .* ([\d.]+)$/.exec(said) ?? [];
    const told = ["--optimizer", name ?? "", "--learning-rate", rate ?? ""];
    const same = await adjoint(["train", program, "--data", data, "--epochs", "1", "--json", ...told]);
    expect(same.stderr).not.toContain("training by");
    expect(chosen.stdout).toBe(same.stdout);
  });
});

describe("refusals", () => {
  writeFileSync(
    at("updating.ir"),
    "graph { parameter w: float32[] = 0 next = square(w): float32[] output w update w = next }",
  );
  const usage = (message: string): readonly [number, string] => [2, `${message}; see adjoint train --help`];
  it.each<readonly [readonly string[], readonly [number, string]]>([
    [
      ["train", program, "--data", data, "--epochs", "0"],
      usage("option '--epochs <n>' argument '0' is invalid. Expected a whole number of at least 1."),
    ],
    [
      ["train", at("updating.ir"), "--data", data, "--epochs", "1", "--learning-rate", "0.1"],
      usage("--learning-rate is of an --optimizer; the graph has updates of its own"),
    ],
    [train(1, "--resume"), usage("--resume needs --checkpoint DIR")],
    [train(1, "--save-every", "3"), usage("--save-every needs --checkpoint DIR")],
    [
      train(1, "--learning-rate", "-1"),
      usage("option '--learning-rate <x>' argument '-1' is invalid. Expected a number above 0."),
    ],
    [
      train(1, "--of", "o"),
      [
        1,
        `${program}: "o", float32[8, 3], is not a scalar: choose one with --of, or reduce it with sum or mean first`,
      ],
    ],
    [
      ["train", data, "--data", data, "--epochs", "1"],
      [1, `${data}: holds tensors, where a graph is needed`],
    ],
    [train(1, "--data", program), [1, `${program}: holds a graph, where tensors or a checkpoint is needed`]],
    [
      train(1, "--checkpoint", program),
      [1, `${program}/checkpoint.safetensors: lies below something that is no folder`],
    ],
    // Before it says what it trains by.
    [
      ["train", program, "--data", at("none"), "--epochs", "1"],
      [1, `${at("none")}: does not exist`],
    ],
  ])("%j", async (args, [status, message]) => {
    const outcome = await adjoint(args);
    expect([outcome.status, outcome.stdout, outcome.stderr]).toEqual([status, "", `adjoint: ${message}\n`]);
  });

  it("neither writes over a checkpoint nor goes on with another program, order or number of examples", async () => {
    const path = at("kept");
    await adjoint(train(1, "--checkpoint", path));
    const kept = readFileSync(join(path, "checkpoint.safetensors"));
    const refused = async (...args: readonly string[]): Promise<string> => {
      const { status, stderr } = await adjoint(args);
      expect(status).toBe(1);
      expect(Buffer.compare(readFileSync(join(path, "checkpoint.safetensors")), kept)).toBe(0);
      return stderr.replace(`adjoint: ${path}: `, "").trimEnd();
    };
    const go = ["--checkpoint", path, "--resume"];
    expect(await refused(...train(2, "--checkpoint", path))).toBe(
      "holds a checkpoint after 25 steps: go on with --resume, or choose another folder",
    );
    expect(await refused(...train(2, ...go, "--learning-rate", "0.1"))).toBe(
      "holds a checkpoint of another graph, or of other options",
    );
    expect(await refused(...train(2, ...go, "--seed", "3"))).toBe("was begun with seed 0, not 3");
    writeFileSync(at("more.safetensors"), examples(300));
    expect(await refused(...train(2, ...go, "--data", at("more.safetensors")))).toBe(
      "was begun with examples 203, not 300",
    );
    writeFileSync(join(path, "checkpoint.safetensors"), kept.subarray(0, kept.length - 3));
    const { status, stderr } = await adjoint(train(2, ...go));
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^adjoint: \S+kept: byte \d+: truncated: tensor "adjoint\/plan.json" ends at byte \d+\n$/,
    );
    rmSync(path, { recursive: true });
  });
});
