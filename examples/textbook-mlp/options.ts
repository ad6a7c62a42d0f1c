// The example's command-line options: what there is, what is allowed, what holds when nothing is said. Acts on none.

import { parseArgs } from "node:util";
import { OptionError } from "./errors.js";

export const activations = ["relu", "tanh", "sigmoid", "softplus"] as const;
export type Activation = (typeof activations)[number];

/** What the user asked for. */
export interface Options {
  /** The folder of IDX files, or undefined for drawn digits. */
  readonly data: string | undefined;
  readonly epochs: number;
  readonly batch: number;
  readonly hidden: number;
  readonly learningRate: number;
  readonly lambda: number;
  readonly activation: Activation;
  readonly seed: number;
  readonly out: string;
  readonly help: boolean;
}

/** How one option is written, explained and understood. */
interface Rule<T> {
  readonly value: string;
  readonly about: string;
  readonly initial: T;
  readonly allowed: string;
  /** The value that a text means, or undefined where it is not allowed. */
  readonly parse: (text: string) => T | undefined;
}

const most = 1_000_000;

const rules = {
  data: {
    ...folder("read the digits in this folder (IDX files, plain or gzip) instead of drawing some"),
    initial: undefined,
  },
  epochs: whole("how often to go through the training digits", 10, 1, most),
  batch: whole("digits per step", 32, 1, most),
  hidden: whole("units of the hidden layer", 256, 1, most),
  "learning-rate": real("step size of gradient descent", 0.5, "above 0", (value) => value > 0),
  lambda: real("weight of the L2 penalty", 1e-4, "of at least 0", (value) => value >= 0),
  activation: choice("activation of the hidden layer", activations, "relu"),
  seed: whole("seed of all that is random", 1, 0, 2 ** 32 - 1),
  out: { ...folder("write the trained parameters and the graph here"), initial: "out" },
};

/**
 * Understands command-line arguments, those after the program's name.
 *
 * @throws OptionError naming the option and what is allowed. After --help nothing else is checked.
 */
export function parseOptions(args: readonly string[]): Options {
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...flags(), help: { type: "boolean", short: "h" } },
    strict: false,
    tokens: true,
  });
  const help = tokens.some((token) => token.kind === "option" && token.name === "help");
  const given = new Map<string, string | undefined>();
  for (const token of help ? [] : tokens) {
    if (token.kind !== "option") continue;
    if (!Object.hasOwn(rules, token.name)) throw new OptionError(token.rawName, `is no option; ${seeHelp}`);
    given.set(token.name, token.value);
  }
  const read = <T>(name: string, rule: Rule<T>): T => {
    if (!given.has(name)) return rule.initial;
    const text = given.get(name);
    const value = text === undefined ? undefined : rule.parse(text);
    if (value !== undefined) return value;
    const got = text === undefined ? "nothing" : JSON.stringify(text);
    throw new OptionError(`--${name}`, `expected ${rule.allowed}, got ${got}`);
  };
  const options = {
    data: read<string | undefined>("data", rules.data),
    epochs: read("epochs", rules.epochs),
    batch: read("batch", rules.batch),
    hidden: read("hidden", rules.hidden),
    learningRate: read("learning-rate", rules["learning-rate"]),
    lambda: read("lambda", rules.lambda),
    activation: read("activation", rules.activation),
    seed: read("seed", rules.seed),
    out: read("out", rules.out),
    help,
  };
  const stray = help ? undefined : tokens.find((token) => token.kind === "positional");
  if (stray !== undefined) throw new OptionError(stray.value, `belongs to no option; ${seeHelp}`);
  return options;
}

/** What --help prints: the options, a line each. */
export function usage(): string {
  const lines = Object.entries(rules).map(([name, { value, about, initial }]) => {
    const fallback = initial === undefined ? "" : ` (${initial})`;
    return `  ${`--${name} ${value}`.padEnd(26)}${about}${fallback}`;
  });
  return ["Options:", ...lines, `  ${"--help".padEnd(26)}print this`, ""].join("\n");
}

const seeHelp = "--help lists the options";

function flags(): Record<string, { type: "string" }> {
  return Object.fromEntries(Object.keys(rules).map((name) => [name, { type: "string" }]));
}

function folder(about: string): Omit<Rule<string>, "initial"> {
  return {
    value: "DIR",
    about,
    allowed: "a folder",
    parse: (text) => (/^[^-]/.test(text) ? text : undefined),
  };
}

function whole(about: string, initial: number, least: number, greatest: number): Rule<number> {
  return {
    value: "N",
    about,
    initial,
    allowed: `a whole number from ${least} to ${greatest}`,
    parse: (text) => {
      const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
      return value >= least && value <= greatest ? value : undefined;
    },
  };
}

function real(
  about: string,
  initial: number,
  range: string,
  within: (value: number) => boolean,
): Rule<number> {
  return {
    value: "X",
    about,
    initial,
    allowed: `a number ${range}`,
    parse: (text) => {
      const value = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
      return Number.isFinite(value) && within(value) ? value : undefined;
    },
  };
}

function choice<T extends string>(about: string, choices: readonly T[], initial: T): Rule<T> {
  return {
    value: "NAME",
    about,
    initial,
    allowed: `one of ${choices.join(", ")}`,
    parse: (text) => choices.find((known) => known === text),
  };
}
