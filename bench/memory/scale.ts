// How long planning a training step takes as it grows: chains, deep networks and GPTs of about 10 000 and 100 000 nodes.
// Each is planned in a process of its own, as an application plans its first step. Run it as
// `node bench/dist/memory/scale.js`, or with a family and a number of layers for one row.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { cpu } from "@adjoint/backend-cpu";
import {
  filled,
  type Graph,
  graph,
  input,
  linear,
  mean,
  mul,
  type Node,
  normal,
  parameter,
  relu,
  square,
  sum,
  tanh,
} from "@adjoint/core";
import { adam, formatBytes, gradient, plan, sgd } from "@adjoint/scheduler";
import { gpt } from "../workloads/gpt.js";

const families: Readonly<
  Record<string, { readonly layers: readonly number[]; declare(layers: number): Graph }>
> = {
  "chain of tanh(1.0001 x)": { layers: [1_660, 16_600], declare: chain },
  "network of 64 units, Adam": { layers: [220, 2_200], declare: network },
  "GPT of 128 units, AdamW": { layers: [24, 240], declare: (layers) => gpt(layers).declare("float32") },
};

function chain(layers: number): Graph {
  const w = parameter("w", [8], filled(0.5));
  let x: Node = w;
  for (let k = 0; k < layers; k++) x = tanh(mul(1.0001, x));
  return trained(sum(x), [w]);
}

function network(layers: number): Graph {
  const units = 64;
  const weights: Node<never>[] = [];
  const weight = (...shape: number[]): Node<never> => {
    const made = parameter(`w${weights.length}`, shape, normal({ std: 0.1, seed: weights.length }));
    weights.push(made);
    return made;
  };
  let x: Node = input("x", [32, units]);
  for (let k = 0; k < layers; k++) x = relu(linear(x, weight(units, units), weight(units)));
  return trained(mean(square(x)), weights);
}

function trained(J: Node, weights: readonly Node<never>[]): Graph {
  const slopes = gradient(J, weights);
  const pairs = weights.map((node, k) => [node, slopes[k] ?? node] as const);
  const updates =
    weights.length === 1 ? sgd(pairs, { learningRate: 0.1 }) : adam(pairs, { learningRate: 0.1 });
  return graph({ outputs: { J }, updates });
}

function row(name: string, layers: number): void {
  const started = performance.now();
  const program = families[name]?.declare(layers);
  if (program === undefined) throw new RangeError(`There is no family "${name}".`);
  const declared = performance.now();
  const { steps, kernels, memory } = plan(program, { target: cpu().target });
  const planned = performance.now();
  const seconds = (from: number, to: number): string => ((to - from) / 1000).toFixed(2);
  const { length } = program.nodes;
  const cells = [name, layers, length, steps.length, kernels.length, formatBytes(memory.arenaBytes)];
  console.log(`| ${[...cells, seconds(started, declared), seconds(declared, planned)].join(" | ")} |`);
}

const [only, count] = process.argv.slice(2);
if (only === undefined) {
  const columns = [
    "program",
    "layers",
    "nodes",
    "steps",
    "kernels",
    "arena",
    "declared in s",
    "planned in s",
  ];
  console.log(`| ${columns.join(" | ")} |\n|---|${"--:|".repeat(columns.length - 1)}`);
  for (const [name, { layers }] of Object.entries(families)) {
    for (const many of layers) {
      spawnSync(process.execPath, [fileURLToPath(import.meta.url), name, `${many}`], { stdio: "inherit" });
    }
  }
} else row(only, Number(count));
