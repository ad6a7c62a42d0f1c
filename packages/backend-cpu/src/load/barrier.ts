/**
 * The barrier at which the threads of a program wait for each other: spinning for some ten microseconds, then asleep.
 * It is a function (whether the thread may sleep). When a thread has failed, those that wait trap instead of waiting
 * for ever.
 */

import { FunctionBody } from "../wasm/function.js";

/** Address of the first of the words below, or undefined with one thread. */
export type ControlWords = number | undefined;

/** Byte offsets, each on a cache line of its own. */
export const words = { arrived: 0, generation: 64, sleepers: 128, failed: 192 } as const;
export const controlBytes = 256;

/** The index, in a view of 32-bit words, of the one that says that a thread has failed. */
export function wordOf(control: number, name: keyof typeof words): number {
  return (control + words[name]) / 4;
}

const spins = 20_000;
/** Nanoseconds between two looks at whether a thread has failed. */
const nap = 10_000_000;

export function emitBarrier(control: number, threads: number): FunctionBody {
  const body = new FunctionBody({ params: ["i32"], results: [] });
  const generation = body.local("i32");
  const count = body.local("i32");
  const word = (name: keyof typeof words): void => body.i32(control + words[name]);
  const add = (name: keyof typeof words, amount: number): void => {
    word(name);
    body.i32(amount);
    body.atomic("i32.atomic.rmw.add", 0);
  };
  const load = (name: keyof typeof words): void => {
    word(name);
    body.atomic("i32.atomic.load", 0);
  };
  load("generation");
  body.set(generation);
  add("arrived", 1);
  body.i32(threads - 1);
  body.op("i32.eq");
  body.branch(
    undefined,
    () => {
      word("arrived");
      body.i32(0);
      body.atomic("i32.atomic.store", 0);
      add("generation", 1);
      body.op("drop");
      load("sleepers");
      body.branch(undefined, () => {
        word("generation");
        body.i32(threads);
        body.atomic("memory.atomic.notify", 0);
        body.op("drop");
      });
    },
    () => {
      body.i32(0);
      body.set(count);
      body.loop(() => {
        body.get(count);
        body.i32(1);
        body.op("i32.add");
        body.tee(count);
        body.i32(spins);
        body.op("i32.eq");
        body.branch(undefined, () => {
          load("failed");
          body.branch(undefined, () => body.op("unreachable"));
          body.i32(0);
          body.set(count);
          body.get(0);
          body.branch(undefined, () => {
            add("sleepers", 1);
            body.op("drop");
            word("generation");
            body.get(generation);
            body.i64(nap);
            body.atomic("memory.atomic.wait32", 0);
            body.op("drop");
            add("sleepers", -1);
            body.op("drop");
          });
        });
        load("generation");
        body.get(generation);
        body.op("i32.eq");
      });
    },
  );
  return body;
}
