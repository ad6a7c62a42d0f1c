// Times the steps of several runners, interleaved, so that what else the machine does meets all of them alike.

import type { Runner } from "./runner.js";

/** Milliseconds of the steps of one runner. */
export interface Times {
  readonly best: number;
  readonly median: number;
  /** The mean processor time, of the engine's own threads too: what a busy machine disturbs least. */
  readonly processor: number;
  /** How many steps they are of. */
  readonly steps: number;
}

const rounds = 6;
/** However slow it is, nobody is judged by fewer steps. */
const fewest = 3;
/** Milliseconds after which an engine may put optimized code in place, between two steps. */
const patience = 5;

/** A runner, and milliseconds: of its steps one by one, of all of them, and of the processor. */
interface Entry {
  readonly runner: Runner;
  readonly samples: number[];
  spent: number;
  processor: number;
}

function entry(runner: Runner): Entry {
  return { runner, samples: [], spent: 0, processor: 0 };
}

/** Every runner gets an equal share of the seconds, in rounds; the first of each round rotates. */
export async function race(runners: readonly Runner[], seconds: number): Promise<readonly Times[]> {
  const entries = runners.map(entry);
  const share = (1000 * seconds) / Math.max(1, runners.length);
  for (const { runner } of entries) await runner.step();
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < entries.length; turn++) {
      const current = entries[(round + turn) % entries.length];
      if (current === undefined) continue;
      const until = (share * (round + 1)) / rounds;
      const due = Math.ceil((fewest * (round + 1)) / rounds);
      await settle();
      const used = process.cpuUsage();
      let rested = performance.now();
      while (current.spent < until || current.samples.length < due) {
        const start = performance.now();
        const lap = await current.runner.timed?.();
        if (lap === undefined) await current.runner.step();
        const end = performance.now();
        const spent = lap?.wall ?? end - start;
        current.samples.push(spent);
        current.spent += spent;
        current.processor += lap?.processor ?? 0;
        if (end - rested < patience) continue;
        await settle();
        rested = performance.now();
      }
      const { user, system } = process.cpuUsage(used);
      if (current.runner.timed === undefined) current.processor += (user + system) / 1000;
    }
  }
  return entries.map(({ samples, processor }) => summary(samples, processor));
}

function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function summary(samples: readonly number[], processor: number): Times {
  const sorted = [...samples].sort((a, b) => a - b);
  const steps = sorted.length;
  return { best: sorted[0] ?? 0, median: sorted[steps >> 1] ?? 0, processor: processor / steps, steps };
}
