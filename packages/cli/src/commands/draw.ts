/** `adjoint draw`: a graph as a picture, or as a file for programs that draw. */

import type { Graph } from "@adjoint/core";
import {
  type DrawOptions,
  draw,
  drawMermaid,
  drawSvg,
  toGexf,
  toGraphml,
  toGraphology,
} from "@adjoint/interchange";
import { type Command, Option } from "commander";
import { named, namedLater, UsageError } from "../errors.js";
import { readAs, readGraph } from "../files/input.js";
import { formatOf, writeOutput } from "../files/output.js";
import type { Terminal } from "../terminal.js";
import { objectiveOf } from "./objective.js";
import { depthOrNames, names } from "./options.js";

const writers = {
  svg: drawSvg,
  dot: draw,
  mmd: drawMermaid,
  gexf: toGexf,
  graphml: toGraphml,
  json: (graph) => `${JSON.stringify(toGraphology(graph).export())}\n`,
} as const satisfies Readonly<
  Record<string, (graph: Graph, options: DrawOptions) => string | Promise<string>>
>;

type Format = keyof typeof writers;

interface Options {
  readonly output?: string;
  readonly format?: Format;
  readonly json?: true;
  readonly derivatives?: true;
  readonly hessian?: true;
  readonly of?: string;
  readonly wrt?: readonly string[];
  readonly collapse?: number | readonly string[];
  readonly plan?: string;
  readonly direction: "right" | "up";
  readonly movement?: true;
  readonly shapes: boolean;
}

export function declareDraw(command: Command, terminal: Terminal): void {
  command
    .argument("<FILE>", "the graph, or - for standard input")
    .option("-o, --output <file>", "where to; the end of its name says the format")
    .addOption(
      new Option("--format <name>", "the format, whatever the file is called (dot)").choices(
        Object.keys(writers),
      ),
    )
    .option("--json", "the same as --format json: graphology's JSON")
    .option("--derivatives", "draw the derivatives of the objective as well")
    .option("--hessian", "and those of its slope along a direction: second derivatives")
    .option("--of <output>", "the objective, where there are several outputs")
    .option("--wrt <names>", "draw the derivatives by these nodes", names)
    .option(
      "--collapse <scopes>",
      "draw scopes as one box each: those of these names, or all of a depth, 1 for the outermost",
      depthOrNames,
    )
    .option("--plan <file>", "mark what this plan of the graph evaluates again instead of keeping it")
    .addOption(
      new Option("--direction <where>", "where values flow").choices(["right", "up"]).default("right"),
    )
    .option("--movement", "also draw what only moves elements, such as reshape")
    .option("--no-shapes", "leave out the sizes of what flows")
    .action((file: string, options: Options) => run(file, options, terminal));
}

async function run(file: string, options: Options, terminal: Terminal): Promise<void> {
  const format = chosen(options);
  if (file === "-" && options.plan === "-")
    throw new UsageError("the graph and its plan cannot both be standard input");
  const graph = await readGraph(file, terminal);
  const drawing = named(file, () => drawOptions(graph, options));
  const given: DrawOptions =
    options.plan === undefined
      ? drawing
      : { ...drawing, plan: (await readAs(options.plan, terminal, ["plan"])).plan };
  const drawn = await namedLater(file, async () => writers[format](graph, given));
  await writeOutput(options.output, drawn, terminal);
}

function drawOptions(graph: Graph, options: Options): DrawOptions {
  const {
    of,
    wrt,
    derivatives,
    hessian = false,
    direction,
    shapes,
    movement = false,
    collapse = false,
  } = options;
  const wanted = derivatives ?? (hessian || of !== undefined || wrt !== undefined);
  return {
    derivatives: wanted && {
      hessian,
      of: objectiveOf(graph, of)[0],
      ...(wrt === undefined ? {} : { wrt }),
    },
    direction,
    shapes,
    movement,
    collapse,
  };
}

function chosen({ output, format, json }: Options): Format {
  if (json && format !== undefined && format !== "json")
    throw new UsageError("--json and --format name two formats");
  if (json) return "json";
  if (format !== undefined) return format;
  return output === undefined || output === "-" ? "dot" : formatOf(output, writers);
}
