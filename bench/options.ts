// The command line of the benchmark. It refuses to run anything.

import { parseArgs } from "node:util";
import { workloads } from "./workloads/all.js";

export const usage = `npm run bench -- [--only W1,W5] [--seconds N] [--peers none|jax-js,tfjs]

  --only      families of workloads, from W1 to W7; all unless given
  --seconds   how long the steps of one workload run, all contenders together; 3 unless given
  --peers     who else takes part; jax-js,tfjs unless given`;

export class UsageError extends Error {}

export interface Options {
  readonly only: readonly string[];
  readonly seconds: number;
  readonly peers: readonly string[];
  readonly help: boolean;
}

/** @throws UsageError for an unknown option, family or peer, and for seconds that are no positive number. */
export function readOptions(words: readonly string[], known: readonly string[]): Options {
  const { only, seconds, peers, help } = parse(words);
  const families = new Set(workloads.map(({ family }) => family));
  return {
    only: listed("--only", only ?? [...families].join(), [...families]),
    seconds: positive(seconds ?? "3"),
    peers: peers === "none" ? [] : listed("--peers", peers ?? known.join(), known),
    help: help === true,
  };
}

interface Given {
  readonly only?: string | undefined;
  readonly seconds?: string | undefined;
  readonly peers?: string | undefined;
  readonly help?: boolean | undefined;
}

function parse(words: readonly string[]): Given {
  const text = { type: "string" } as const;
  try {
    const options = { only: text, seconds: text, peers: text, help: { type: "boolean" } } as const;
    return parseArgs({ args: [...words], options }).values;
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

function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`--seconds: "${text}" is no positive number.`);
}
