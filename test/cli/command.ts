/** The command as a user runs it, in a process of its own or within this one, with what it prints and how it ends. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { main } from "@adjoint/cli";
import { afterAll } from "vitest";

export const bin = fileURLToPath(new URL("../../packages/cli/bin/adjoint.js", import.meta.url));
export const golden = fileURLToPath(new URL("../golden-documents/", import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly bytes: Buffer;
  readonly stderr: string;
}

/** An empty folder for a test file, removed after it. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "adjoint-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the command within this process: the same function that the process of the command runs, with streams that are kept. */
export async function adjoint(args: readonly string[], input: string | Uint8Array = ""): Promise<Outcome> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const keep = (into: Buffer[]) => ({
    columns: 100,
    write: (contents: string | Uint8Array): void => void into.push(Buffer.from(contents)),
  });
  const status = await main(args, {
    stdin: (async function* () {
      yield input;
    })(),
    stdout: keep(stdout),
    stderr: keep(stderr),
  });
  return outcome(status, null, stdout, stderr);
}

function outcome(
  status: number | null,
  signal: NodeJS.Signals | null,
  stdout: readonly Buffer[],
  stderr: readonly Buffer[],
): Outcome {
  const bytes = Buffer.concat(stdout);
  return { status, signal, bytes, stdout: bytes.toString(), stderr: Buffer.concat(stderr).toString() };
}

interface Start {
  readonly input?: string | Uint8Array;
  /** The folder it runs in. */
  readonly cwd?: string;
  /** Sees the process, to send it signals. */
  readonly started?: (child: ChildProcess) => void;
}

/** Runs the command as a user does, as a process of its own. */
export function spawned(args: readonly string[], { input = "", cwd, started }: Start = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], { cwd, stdio: ["pipe", "pipe", "pipe"] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", reject);
    child.on("close", (status, signal) => resolve(outcome(status, signal, stdout, stderr)));
    // A command that does not read its input may close it.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    started?.(child);
  });
}

/** The standard output of a command that succeeds and says nothing on the side. */
export async function printed(args: readonly string[], input?: string | Uint8Array): Promise<string> {
  const { status, stdout, stderr } = await adjoint(args, input);
  if (status !== 0 || stderr !== "")
    throw new Error(`adjoint ${args.join(" ")} ended with ${status}\n${stderr}`);
  return stdout;
}
