// The variants of the engine: what `cpu().target` says of them, that they agree, and that threads change no bit, survive
// failures and never keep a process alive.

import { fileURLToPath } from "node:url";
import { type CpuOptions, cpu } from "@adjoint/backend-cpu";
import { VerificationError } from "@adjoint/core";
import { compile, reference } from "@adjoint/scheduler";
import { describe, expect, test } from "vitest";
import { execute } from "../process/execute.js";
import { bitsOf, networks, valuesAfter } from "./networks.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const divided = { divideFrom: 0 } as const;
const variants: Readonly<Record<string, CpuOptions>> = {
  plain: { relaxedSimd: false },
  fused: {},
  wide: { wide: true },
};

describe("target", () => {
  test("says what is used, and why not more", () => {
    const { target } = cpu({ relaxedSimd: false, threads: 1 });
    expect(target).toMatchObject({ simd: true, relaxedSimd: false, wide: false, threads: 1 });
    expect(Object.keys(target.reasons)).toEqual(["relaxedSimd", "wide"]);
  });

  test("is the same when asked again, although asking may have unlocked something", () => {
    for (const options of Object.values(variants)) expect(cpu(options).target).toEqual(cpu(options).target);
  });

  test.each([0, -3, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e6])("refuses %d threads", (threads) => {
    expect(() => cpu({ threads })).toThrow(VerificationError);
  });

  test("refuses to divide from no number", () => {
    expect(() => cpu({ divideFrom: Number.NaN })).toThrow(/divideFrom must be a number from 0/);
  });

  test("has a reason for every feature that is not used", () => {
    for (const options of Object.values(variants)) {
      const { relaxedSimd, wide, reasons } = cpu(options).target;
      expect("relaxedSimd" in reasons).toBe(!relaxedSimd);
      expect("wide" in reasons).toBe(!wide);
    }
  });
});

describe.each(Object.entries(variants))("%s", (_, options) => {
  test.each(networks.map((make) => make()))(
    "$name: the same bits from 1, 2 and 3 threads",
    async (network) => {
      const results: Uint32Array[] = [];
      for (const threads of [1, 2, 3]) {
        const backend = cpu({ ...options, ...divided, threads });
        const session = await compile(network.graph, { backend });
        expect(backend.target).toMatchObject({ threads });
        expect(backend.target.reasons).not.toHaveProperty("threads");
        const values = await valuesAfter(session, { steps: 3, feeds: network.feeds });
        results.push(bitsOf([...values.values()].flat()));
      }
      const [one, ...others] = results;
      for (const other of others) expect(other).toEqual(one);
    },
  );
});

test.each(networks.map((make) => make()))("$name: as the kernel interpreter", async (network) => {
  const options = { steps: 1, feeds: network.feeds };
  const truth = await valuesAfter(await compile(network.graph, { backend: reference() }), options);
  for (const variant of Object.values(variants)) {
    const found = await valuesAfter(await compile(network.graph, { backend: cpu(variant) }), options);
    for (const [name, wanted] of truth)
      expect(difference(found.get(name) ?? [], wanted), name).toBeLessThan(2e-5);
  }
});

/** The largest difference between elements, relative to the largest element. */
function difference(found: readonly number[], wanted: readonly number[]): number {
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const differences = wanted.map((value, i) => Math.abs(value - (found[i] ?? Number.NaN)));
  return Math.max(...differences) / largest;
}

describe("threads", () => {
  test("run the sessions of one backend in turn, and after some are disposed", async () => {
    const backend = cpu({ ...divided, threads: 2 });
    const [dense, convolutional] = networks.map((make) => make());
    if (dense === undefined || convolutional === undefined) throw new RangeError("networks");
    const first = await compile(dense.graph, { backend });
    const second = await compile(convolutional.graph, { backend });
    const losses = async (): Promise<number[]> => {
      const outputs = [await first.run(dense.feeds), await second.run(convolutional.feeds)];
      return outputs.map(({ loss }) => loss?.item() ?? Number.NaN);
    };
    const early = await losses();
    const late = await losses();
    expect(late[0]).toBeLessThan(early[0] ?? 0);
    expect(late[1]).toBeLessThan(early[1] ?? 0);
    await first.dispose();
    expect((await second.run(convolutional.feeds))["loss"]?.item()).toBeLessThan(late[1] ?? 0);
    await second.dispose();
    const third = await compile(dense.graph, { backend });
    expect((await third.run(dense.feeds))["loss"]?.item()).toBe(early[0]);
    await third.dispose();
  });

  test("survive a step that is refused", async () => {
    const [make] = networks;
    const network = make?.();
    if (network === undefined) throw new RangeError("networks");
    const session = await compile(network.graph, { backend: cpu({ ...divided, threads: 2 }) });
    const before = (await session.run(network.feeds))["loss"]?.item() ?? Number.NaN;
    await expect(session.run({ ...network.feeds, x: new Float32Array(3) })).rejects.toThrow("x");
    expect((await session.run(network.feeds))["loss"]?.item()).toBeLessThan(before);
    await session.dispose();
  });

  test("never keep a process alive", async () => {
    const script = `
      import { cpu } from "@adjoint/backend-cpu";
      import { graph, input, matmul } from "@adjoint/core";
      import { VerificationError } from "@adjoint/core";
import { compile, reference } from "@adjoint/scheduler";
      const a = input("a", [64, 64]);
      const session = await compile(graph({ outputs: { c: matmul(a, a) } }), {
        backend: cpu({ divideFrom: 0, threads: 3 }),
      });
      const { c } = await session.run({ a: new Float32Array(4096).fill(1) });
      console.log(c.data[0]);
    `;
    const flags = ["--input-type=module", "--eval", script];
    expect((await execute(process.execPath, flags, `${root}/test`)).trim()).toBe("64");
  });
});

test("memory that threads shared is given back when programs are disposed, while another stays", async () => {
  const script = `
    import { cpu } from "@adjoint/backend-cpu";
    import { exp, graph, input } from "@adjoint/core";
    import { compile } from "@adjoint/scheduler";
    const backend = cpu({ threads: 2 });
    const program = (size) => graph({ outputs: { y: exp(input("x", [size])) } });
    const stays = await compile(program(2 ** 18), { backend });
    const x = new Float32Array(2 ** 22);
    for (let times = 0; times < 40; times++) {
      const session = await compile(program(x.length), { backend });
      await session.run({ x }, { outputs: [] });
      await session.dispose();
    }
    const mebibytes = () => Math.round(process.memoryUsage.rss() / 2 ** 20);
    // Threads that have ended take a while to go.
    for (let times = 0; times < 200 && mebibytes() > 700; times++) await new Promise((go) => setTimeout(go, 50));
    console.log(mebibytes());
  `;
  const flags = ["--input-type=module", "--eval", script];
  const mebibytes = Number((await execute(process.execPath, flags, `${root}/test`)).trim());
  // Each takes 32 MiB: all of them would be 1280.
  expect(mebibytes).toBeGreaterThan(32);
  expect(mebibytes).toBeLessThanOrEqual(700);
});
