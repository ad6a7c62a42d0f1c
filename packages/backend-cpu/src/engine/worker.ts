/**
 * What a worker runs: it waits for the number of a program, runs its part, and waits again; when a message has been announced
 * it goes back to the event loop to receive it. It is a text, so that no bundler needs to know a second entry point.
 */

/** Words of the memory that the crew shares, each on a cache line of its own. */
export const crewWords = {
  /** Counts up whenever there is something to do. */
  go: 0,
  /** The executable to run, or -1 where only a message has come. */
  executable: 16,
  program: 32,
  /** Messages sent so far. */
  messages: 48,
  /** For each thread 16 words further, the `go` it has finished. */
  done: 64,
} as const;

/** Looks at `go` before falling asleep: some ten microseconds. */
const spins = 30_000;

/** In Node the port of the parent thread, in browsers the scope of the worker, receives and sends. */
export const workerSource = `"use strict";
const words = ${JSON.stringify(crewWords)};
const executables = new Map();
let control, thread, handled = 0, seen = 0;
const run = (id, program) => {
  const executable = executables.get(id);
  if (executable === undefined) return;
  try {
    executable.programs[program](thread, 1);
  } catch {
    Atomics.store(executable.words, executable.failed, 1);
  }
};
const serve = () => {
  while (Atomics.load(control, words.messages) === handled) {
    let go = Atomics.load(control, words.go);
    for (let i = 0; go === seen && i < ${spins}; i++) go = Atomics.load(control, words.go);
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
};
const receive = (message, send) => {
  handled++;
  if (message.kind === "begin") {
    ({ control, thread } = message);
  } else if (message.kind === "load") {
    const { id, module, imports, memory, names, failed } = message;
    const { exports } = new WebAssembly.Instance(module, { [imports.module]: { [imports.name]: memory } });
    const programs = names.map((name) => exports[name]);
    executables.set(id, { programs, words: new Int32Array(memory.buffer), failed });
  } else executables.delete(message.id);
  send(thread);
  serve();
};
if (typeof require === "function") {
  const { parentPort } = require("node:worker_threads");
  parentPort.on("message", (message) => receive(message, (answer) => parentPort.postMessage(answer)));
} else onmessage = ({ data }) => receive(data, (answer) => postMessage(answer));
`;
