/** All commands, under one name. It refuses to do the work of any, or to load more than the one that is called. */

import { readFileSync } from "node:fs";
import { Command } from "commander";
import type { Terminal } from "../terminal.js";

const after = `
FILE is a graph (text or JSON), and where it makes sense a plan, a checkpoint or safetensors: what it is
shows in its bytes. "-" is standard input; after -o it is standard output.

-o makes the folders that its file lies in where there are none, and replaces a file only once the new one is whole.

Exit status: 0 done, 1 a file or a check is wrong, 2 the command line is, 70 a defect of Adjoint, 130 stopped with
Ctrl-C, 143 stopped by SIGTERM.
`;

type Declare = (command: Command, terminal: Terminal) => void;

/** Each command with what it takes and does, which is loaded only for the one that is called. */
const commands = {
  inspect: {
    about: "say what a graph, plan, checkpoint or safetensors file holds",
    load: async () => (await import("./inspect.js")).declareInspect,
  },
  plan: {
    about: "plan a graph: order, kernels, and every byte of memory",
    load: async () => (await import("./plan.js")).declarePlan,
  },
  draw: {
    about: "draw a graph as SVG, DOT, Mermaid, GEXF, GraphML or graphology's JSON",
    load: async () => (await import("./draw.js")).declareDraw,
  },
  derive: {
    about: "write the equations of a graph: definitions, then the chain rule for every derivative",
    load: async () => (await import("./derive.js")).declareDerive,
  },
  grad: {
    about: "differentiate: write the graph of a node and its derivatives",
    load: async () => (await import("./grad.js")).declareGrad,
  },
  run: {
    about: "run a program once: feeds in, outputs out",
    load: async () => (await import("./run.js")).declareRun,
  },
  train: {
    about: "train a graph on stored examples; Ctrl-C stops after the step and saves",
    load: async () => (await import("./train.js")).declareTrain,
  },
  report: {
    about: "write a self-contained page about a graph",
    load: async () => (await import("./report.js")).declareReport,
  },
  check: {
    about: "verify a graph, its plan, its numbers on a backend and its gradients",
    load: async () => (await import("./check.js")).declareCheck,
  },
} as const satisfies Readonly<
  Record<string, { readonly about: string; readonly load: () => Promise<Declare> }>
>;

/** The program for a command line: it writes to a terminal and throws CommanderError instead of ending the process. */
export async function declareProgram(args: readonly string[], terminal: Terminal): Promise<Command> {
  const program = new Command("adjoint")
    .description("Inspects, draws, derives, plans, runs, trains and checks tensor graphs in files.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this")
    .helpCommand(false)
    .addHelpText("after", after)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      // main tells it, in one line.
      outputError: () => undefined,
      getOutHelpWidth: () => terminal.stdout.columns ?? 100,
      getErrHelpWidth: () => terminal.stderr.columns ?? 100,
    });
  for (const [name, { about, load }] of Object.entries(commands)) {
    const command = program.command(name).description(about);
    if (name === args[0]) (await load())(command, terminal);
  }
  return program;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";
}

/** Whether there is a command of a name. */
export function isCommand(name: string): boolean {
  return Object.hasOwn(commands, name);
}
