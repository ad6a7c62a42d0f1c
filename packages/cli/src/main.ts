/** Runs a command line and tells how it went: a status, and one line for what is wrong. It refuses to end the process. */

import process from "node:process";
import { AdjointError } from "@adjoint/core";
import { CommanderError } from "commander";
import { declareProgram, isCommand } from "./commands/program.js";
import { CheckFailed, Interrupted, UsageError } from "./errors.js";
import type { Terminal } from "./terminal.js";

/** What an exit status means. */
export const statuses = { done: 0, failed: 1, usage: 2, defect: 70 } as const;

/**
 * Runs the command with these arguments, without the program's own name.
 * Resolves to the exit status: 0 done, 1 a file or a check is wrong, 2 the command line is, 70 a defect of Adjoint,
 * 130 and 143 stopped by a signal.
 */
export async function main(args: readonly string[], terminal: Terminal = process): Promise<number> {
  try {
    await (await declareProgram(args, terminal)).parseAsync(args, { from: "user" });
    return statuses.done;
  } catch (error) {
    const { status, text } = outcomeOf(error, args);
    if (text !== "") terminal.stderr.write(`${text}\n`);
    return status;
  }
}

function outcomeOf(
  error: unknown,
  args: readonly string[],
): { readonly status: number; readonly text: string } {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return { status: statuses.done, text: "" };
    if (error.code === "commander.help") return { status: statuses.usage, text: "" };
    return { status: statuses.usage, text: line(`${error.message.replace(/^error: /, "")}; ${help(args)}`) };
  }
  if (error instanceof UsageError)
    return { status: statuses.usage, text: line(`${error.message}; ${help(args)}`) };
  if (error instanceof CheckFailed || error instanceof AdjointError)
    return { status: statuses.failed, text: line(error.message) };
  if (error instanceof Interrupted) return { status: error.status, text: line(error.message) };
  const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    status: statuses.defect,
    text: `adjoint: this is a defect of Adjoint, please report it:\n${shown}`,
  };
}

function line(message: string): string {
  return `adjoint: ${message.trim().replaceAll(/\s*\n\s*/g, " ")}`;
}

function help([command = ""]: readonly string[]): string {
  return `see adjoint ${isCommand(command) ? `${command} ` : ""}--help`;
}
