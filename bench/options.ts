// The command line of the benchmark. It refuses to run anything.

import { parseArgs } from "node:util";
import type { CpuOptions } from "@adjoint/backend-cpu";
import { workloads } from "./workloads/all.js";

export const usage = `npm run bench -- [--only W1,W5] [--seconds N] [--peers none|jax-js,tfjs]
                        [--engine wide|fused|plain] [--threads N]
                        [--onnxruntime FOLDER] [--python PATH] [--json FILE]

  --only      families of workloads, from W1 to W7; all unless given
  --seconds   how long the steps of one workload run, all contenders together; 3 unless given
  --peers     who else takes part; all unless given
  --engine    Adjoint with 256-bit SIMD where V8 has it, with fused multiply-add, or with neither; wide unless given
  --threads   threads of Adjoint; as many as processors unless given
  --onnxruntime   a folder in which onnxruntime-web or onnxruntime-node is installed; they take no part unless given
  --python    a Python with PyTorch or JAX; they take no part unless given
  --json      where all numbers are written; out/bench.json unless given`;

const engines = {
  plain: { relaxedSimd: false },
  fused: {},
  wide: { wide: true },
} as const satisfies Readonly<Record<string, CpuOptions>>;

function isEngine(name: string): name is keyof typeof engines {
  return Object.hasOwn(engines, name);
}

/** How Adjoint runs, from the options above. */
export function engineOf(name: string, threads: string | undefined): CpuOptions {
  if (!isEngine(name)) throw new UsageError(`--engine: there is ${Object.keys(engines).join(", ")}.`);
  return { ...engines[name], ...(threads === undefined ? {} : { threads: positive("--threads", threads) }) };
}

export class UsageError extends Error {}

export interface Options {
  readonly only: readonly string[];
  readonly seconds: number;
  readonly peers: readonly string[];
  readonly engine: string;
  readonly threads: string | undefined;
  readonly onnxruntime: string | undefined;
  readonly python: string | undefined;
  readonly json: string | undefined;
  readonly help: boolean;
}

/** @throws UsageError for an unknown option, family or peer, and for seconds that are no positive number. */
export function readOptions(words: readonly string[], known: readonly string[]): Options {
  const { only, seconds, peers, help, engine = "wide", threads, onnxruntime, python, json } = parse(words);
  engineOf(engine, threads);
  const families = new Set(workloads.map(({ family }) => family));
  return {
    only: listed("--only", only ?? [...families].join(), [...families]),
    seconds: positive("--seconds", seconds ?? "3"),
    peers: peers === "none" ? [] : listed("--peers", peers ?? known.join(), known),
    engine,
    threads,
    onnxruntime,
    python,
    json,
    help: help === true,
  };
}

interface Given {
  readonly only?: string | undefined;
  readonly seconds?: string | undefined;
  readonly peers?: string | undefined;
  readonly engine?: string | undefined;
  readonly threads?: string | undefined;
  readonly onnxruntime?: string | undefined;
  readonly python?: string | undefined;
  readonly json?: string | undefined;
  readonly help?: boolean | undefined;
}

function parse(words: readonly string[]): Given {
  const text = { type: "string" } as const;
  try {
    const options = {
      only: text,
      seconds: text,
      peers: text,
      engine: text,
      threads: text,
      onnxruntime: text,
      python: text,
      json: text,
    } as const;
    return parseArgs({ args: [...words], options: { ...options, help: { type: "boolean" } } }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause));
  }
}

function listed(option: string, text: string, known: readonly string[]): readonly string[] {
  const names = text.split(",");
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`${option}: "${unknown}" is unknown; there is ${known.join(", ")}.`);
  return names;
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`${option}: "${text}" is no positive number.`);
}
