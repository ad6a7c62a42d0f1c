/** `adjoint check`: whether a graph, its plan, its numbers and its gradients are right. */

import type { Command } from "commander";
import { checksOf, type Finding, scalarsOf } from "../checks/checks.js";
import { feedsOf } from "../checks/values.js";
import { CheckFailed, named } from "../errors.js";
import { readGraph } from "../files/input.js";
import { writeJson } from "../files/output.js";
import type { Terminal } from "../terminal.js";
import { type BackendName, backendOf, backendOption } from "./backend.js";
import { objectiveOf } from "./objective.js";
import { count } from "./options.js";
import { readTensors } from "./run.js";

/** What a terminal shows during a check, and what takes it away. */
const waiting = "checking …";
const wiped = `\r${" ".repeat(waiting.length)}\r`;

interface Options {
  readonly of?: string;
  readonly feeds?: string;
  readonly parameters?: string;
  readonly seed: number;
  readonly backend: BackendName;
  readonly json?: true;
}

export function declareCheck(command: Command, terminal: Terminal): void {
  command
    .argument("<FILE>", "the graph, or - for standard input")
    .option("--of <output>", "check the derivatives of this output only; of every float scalar unless given")
    .option("--feeds <file>", "safetensors with values of inputs; others are drawn, integers are 0")
    .option(
      "--parameters <file>",
      "safetensors with values of parameters; others are as they begin, or drawn",
    )
    .option("--seed <n>", "decides what is drawn", count(0), 0)
    .addOption(backendOption())
    .option("--json", "print the findings as JSON")
    .action((file: string, options: Options) => run(file, options, terminal));
}

async function run(file: string, options: Options, terminal: Terminal): Promise<void> {
  const { of, seed, json, backend } = options;
  const graph = await readGraph(file, terminal);
  const stored = new Map([
    ...(options.feeds === undefined ? [] : await readTensors(options.feeds, terminal)),
    ...(options.parameters === undefined ? [] : await readTensors(options.parameters, terminal)),
  ]);
  const values = named(options.feeds ?? options.parameters ?? file, () => feedsOf(graph, stored, seed));
  const objectives = named(file, () => (of === undefined ? scalarsOf(graph) : [objectiveOf(graph, of)]));
  const findings: Finding[] = [];
  const note = (text: string): unknown => terminal.stderr.isTTY === true && terminal.stderr.write(text);
  note(waiting);
  for await (const finding of checksOf(graph, { objectives, values, backend: await backendOf(backend) })) {
    findings.push(finding);
    note(wiped);
    if (!json)
      terminal.stdout.write(
        `${finding.passed ? "passed" : "FAILED"}  ${finding.check}${finding.detail === "" ? "" : `: ${finding.detail}`}\n`,
      );
    note(waiting);
  }
  note(wiped);
  const failed = findings.filter(({ passed }) => !passed).length;
  if (json) writeJson(terminal, { passed: failed === 0, findings });
  if (failed > 0) throw new CheckFailed(`${file}: ${failed} of ${findings.length} checks failed`);
}
