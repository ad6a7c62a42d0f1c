/** `adjoint derive`: the equations of a graph and of its derivatives. */

import {
  type DeriveOptions,
  derive,
  type Equation,
  equationParts,
  equationsToLatex,
  equationsToMarkdown,
  equationsToMathml,
} from "@adjoint/interchange";
import { type Command, Option } from "commander";
import { named } from "../errors.js";
import { readGraph } from "../files/input.js";
import { formatOf, writeOutput } from "../files/output.js";
import type { Terminal } from "../terminal.js";
import { objectiveOf } from "./objective.js";
import { names } from "./options.js";

const writers = {
  md: equationsToMarkdown,
  tex: (equations) => `${equationsToLatex(equations)}\n`,
  html: page,
  json: (equations) =>
    `${JSON.stringify(
      equations.map(({ node: _, ...line }) => line),
      undefined,
      1,
    )}\n`,
} as const satisfies Readonly<Record<string, (equations: readonly Equation[]) => string>>;

type Format = keyof typeof writers;

interface Options {
  readonly output?: string;
  readonly latex?: true;
  readonly html?: true;
  readonly json?: true;
  readonly of?: string;
  readonly wrt?: readonly string[];
  readonly steps?: true;
  readonly hessian?: true;
}

export function declareDerive(command: Command, terminal: Terminal): void {
  command
    .argument("<FILE>", "the graph, or - for standard input")
    .option("-o, --output <file>", "where to; the end of its name (.md, .tex, .html, .json) says the format")
    .addOption(new Option("--latex", "LaTeX, one aligned block").conflicts(["html", "json"]))
    .addOption(new Option("--html", "a page with MathML that needs no script").conflicts(["latex", "json"]))
    .addOption(new Option("--json", "a list of lines, every part as LaTeX").conflicts(["latex", "html"]))
    .option("--of <output>", "the objective, where there are several outputs")
    .option("--wrt <names>", "differentiate by these nodes; all weights unless given", names)
    .option("--steps", "also the steps on the way, as a textbook shows them")
    .option("--hessian", "also the product of the Hessian with a direction")
    .action((file: string, options: Options) => run(file, options, terminal));
}

async function run(file: string, options: Options, terminal: Terminal): Promise<void> {
  const format = chosen(options);
  const graph = await readGraph(file, terminal);
  const { of, wrt, steps = false, hessian = false, output } = options;
  const given: DeriveOptions = {
    steps,
    hessian,
    ...(wrt === undefined ? {} : { wrt }),
  };
  const equations = named(file, () => derive(graph, { ...given, of: objectiveOf(graph, of)[0] }));
  await writeOutput(output, writers[format](equations), terminal);
}

function chosen({ output, latex, html, json }: Options): Format {
  if (latex) return "tex";
  if (html) return "html";
  if (json) return "json";
  return output === undefined || output === "-" ? "md" : formatOf(output, writers);
}

function page(equations: readonly Equation[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Equations</title>
<style>body { margin: 2rem; font: 1rem/1.6 serif; } h2 { font-size: 1.2rem; } math { display: inline math; }</style>
<h1>Equations</h1>
${equationParts(equations)
  .map((part) => `<h2>${part.title}</h2>\n${equationsToMathml(part.equations)}`)
  .join("\n")}
</html>
`;
}
