// Convolutions and both their adjoints by themselves on one thread: milliseconds, and GFLOP/s of the multiplications that there
// have to be, best of many. `node bench/dist/kernels/convolutions.js [wide|fused|plain] [milliseconds]`

import { compileKernel, cpu } from "@adjoint/backend-cpu";
import { type ConvOptions, conv2d, graph, input, type Node } from "@adjoint/core";
import { gradient, plan } from "@adjoint/scheduler";
import { engineOf } from "../options.js";
import { fastest } from "./fastest.js";

interface Case {
  readonly batch: number;
  readonly channels: number;
  readonly results: number;
  /** Of the images, and of the kernel. */
  readonly extent: number;
  readonly reach: number;
  readonly options: ConvOptions<never>;
}

const cases: readonly Case[] = [
  { batch: 64, channels: 1, results: 6, extent: 28, reach: 5, options: { padding: 2 } },
  { batch: 64, channels: 6, results: 16, extent: 14, reach: 5, options: {} },
  { batch: 8, channels: 64, results: 64, extent: 28, reach: 3, options: { padding: 1 } },
  { batch: 8, channels: 64, results: 128, extent: 28, reach: 3, options: { padding: 1, strides: 2 } },
  { batch: 8, channels: 3, results: 64, extent: 64, reach: 7, options: { padding: 3, strides: 2 } },
  { batch: 8, channels: 64, results: 64, extent: 28, reach: 3, options: { padding: 1, groups: 8 } },
  { batch: 8, channels: 64, results: 64, extent: 28, reach: 3, options: { padding: 2, dilation: 2 } },
];

const [variant = "wide", milliseconds = "200"] = process.argv.slice(2);
const options = engineOf(variant, "1");

/** Seconds of all kernels that compute a node. */
async function seconds(node: Node): Promise<number> {
  const planned = plan(graph({ outputs: { node } }), { target: cpu(options).target });
  let sum = 0;
  for (const { kernel } of planned.steps) {
    const code = planned.kernels[kernel];
    if (code !== undefined)
      sum += await fastest(await compileKernel(code, [], options), Number(milliseconds));
  }
  return sum;
}

for (const { batch, channels, results, extent, reach, options: how } of cases) {
  const x = input("x", [batch, channels, extent, extent]);
  const w = input("w", [results, channels / (how.groups ?? 1), reach, reach]);
  const y = conv2d<string>(x, w, how);
  const [ofX, ofW] = gradient(y, [x, w], { seed: input("seed", y.shape) });
  const flops =
    (2 * y.shape.reduce((product, size) => product * size, 1) * reach * reach * channels) / (how.groups ?? 1);
  const parts: string[] = [];
  for (const [name, node] of Object.entries({ forward: y, "of x": ofX, "of w": ofW })) {
    const time = await seconds(node);
    parts.push(`${name} ${(1000 * time).toFixed(3)} ms ${(flops / time / 1e9).toFixed(0)} GFLOP/s`);
  }
  const shape = `${batch} × ${channels} → ${results}, ${extent}², ${reach} × ${reach} ${JSON.stringify(how)}`;
  console.log(`${shape}: ${parts.join("  ")}`);
}
