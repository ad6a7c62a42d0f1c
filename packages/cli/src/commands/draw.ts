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
import { named, UsageError } from "../errors.js";
import { readGraph } from "../files/input.js";
import { formatOf, writeOutput } from "../files/output.js";
import type { Terminal } from "../terminal.js";
import { names } from "./options.js";

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
  readonly of?: string;
  readonly wrt?: readonly string[];
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
    .option("--of <output>", "the objective, where there are several outputs")
    .option("--wrt <names>", "draw the derivatives by these nodes", names)
    .addOption(
      new Option("--direction <where>", "where values flow").choices(["right", "up"]).default("right"),
    )
    .option("--movement", "also draw what only moves elements, such as reshape")
    .option("--no-shapes", "leave out the sizes of what flows")
    .action((file: string, options: Options) => run(file, options, terminal));
}

async function run(file: string, options: Options, terminal: Terminal): Promise<void> {
  const format = chosen(options);
  const graph = await readGraph(file, terminal);
  const { of, wrt, derivatives, direction, movement, shapes } = options;
  const wanted = derivatives ?? (of !== undefined || wrt !== undefined);
  const given: DrawOptions = {
    derivatives: wanted && { ...(of === undefined ? {} : { of }), ...(wrt === undefined ? {} : { wrt }) },
    direction,
    shapes,
    ...(movement === undefined ? {} : { movement }),
  };
  const drawn = await named(file, () => writers[format](graph, given));
  await writeOutput(options.output, drawn, terminal);
}

function chosen({ output, format, json }: Options): Format {
  if (json && format !== undefined && format !== "json")
    throw new UsageError("--json and --format name two formats");
  if (json) return "json";
  if (format !== undefined) return format;
  return output === undefined || output === "-" ? "dot" : formatOf(output, writers);
}
