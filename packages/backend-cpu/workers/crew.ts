/**
 * A worker of a crew: it waits for the number of a program, runs its part, and waits again; when a message has been announced it
 * goes back to the event loop to receive it.
 */

import { type CrewMessage, crewWords as words } from "../src/engine/protocol.js";
import { receive } from "./port.js";

/** Looks at `go` before falling asleep: some ten microseconds. */
const spins = 30_000;

type Run = (thread: number, sleeps: 0 | 1) => void;

interface Loaded {
  readonly programs: readonly Run[];
  readonly words: Int32Array;
  readonly failed: number;
}

const executables = new Map<number, Loaded>();
let handled = 0;
let seen = 0;
let control: Int32Array = new Int32Array();
let thread = 0;

function run(id: number, program: number): void {
  const executable = executables.get(id);
  if (executable === undefined) return;
  try {
    executable.programs[program]?.(thread, 1);
  } catch {
    Atomics.store(executable.words, executable.failed, 1);
  }
}

function serve(): void {
  while (Atomics.load(control, words.messages) === handled) {
    let go = Atomics.load(control, words.go);
    for (let i = 0; go === seen && i < spins; i++) go = Atomics.load(control, words.go);
    if (go === seen) {
      Atomics.wait(control, words.go, seen);
      continue;
    }
    seen = go;
    const id = Atomics.load(control, words.executable);
    if (id < 0) continue;
    run(id, Atomics.load(control, words.program));
    Atomics.store(control, words.done + 16 * thread, seen);
    Atomics.notify(control, words.done + 16 * thread);
  }
}

function load({ id, imported, assignment }: CrewMessage & { kind: "load" }): void {
  const { module, memory, names, failed } = assignment;
  const imports = { [imported.module]: { [imported.name]: memory } };
  const { exports } = new WebAssembly.Instance(module, imports);
  const programs = names.map((name): Run => {
    const exported = exports[name];
    if (typeof exported !== "function") throw new TypeError(`The module exports no function ${name}.`);
    return (...part) => exported(...part);
  });
  executables.set(id, { programs, words: new Int32Array(memory.buffer), failed });
}

receive((message: CrewMessage, answer) => {
  handled++;
  if (message.kind === "begin") ({ control, thread } = message);
  else if (message.kind === "load") load(message);
  else executables.delete(message.id);
  answer();
  serve();
});
