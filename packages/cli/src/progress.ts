/**
 * `@adjoint/cli/progress`: shows how training goes: on a terminal a bar that moves, elsewhere one plain line an epoch. It refuses to train, and on a
 * terminal that is too narrow leaves parts out.
 */

import type { Output } from "./terminal.js";

/** What there is to do, and where and by which clock to tell of it. */
export interface ProgressOptions {
  readonly epochs: number;
  /** Batches an epoch. */
  readonly steps: number;
  /** Examples a batch. */
  readonly batch: number;
  /** Steps done before, as when training goes on; 0 unless given. */
  readonly done?: number;
  readonly terminal: Output;
  /** The time now, in milliseconds; performance.now by default. */
  readonly now?: () => number;
}

/** A display of the training that started when it was made. */
export interface Progress {
  /** A step is done; `loss` is its loss. */
  step(loss: number): void;
  /** An epoch is done: leaves a line about it, with `note` at its end. The next one begins now. */
  epoch(note?: string): void;
  /** Ends an unfinished bar, as when training fails; does nothing after the last epoch. */
  close(): void;
}

/** The least milliseconds between two drawings of the bar. */
const pause = 100;
/** The widths between which a bar is worth drawing, in columns. */
const narrowest = 6;
const widest = 30;

/** Starts the clock of the whole training and of the first epoch. */
export function progress(options: ProgressOptions): Progress {
  const { epochs, steps, batch, done = 0, terminal, now = () => performance.now() } = options;
  const begun = now();
  let epoch = Math.floor(done / steps) + 1;
  let epochBegun = begun;
  let step = done % steps;
  /** The steps of this epoch that were seen, and their losses. */
  let seen = 0;
  let lossSum = 0;
  let latest = begun;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let drawnLength = 0;

  const draw = (text: string): void => {
    // Spaces wipe out what is left of a longer line: every terminal knows them.
    terminal.write(`\r${text.padEnd(drawnLength)}`);
    drawnLength = text.length;
  };
  const numbers = (): string => {
    const rate = (seen * batch) / Math.max(1e-9, (latest - epochBegun) / 1000);
    const loss = seen === 0 ? "" : `   loss ${(lossSum / seen).toFixed(4)}`;
    return `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}${loss}   ${thousands(rate)} examples/s`;
  };
  const bar = (): string => {
    const doneSteps = (epoch - 1) * steps + step;
    const left = ((latest - begun) / Math.max(1, doneSteps - done)) * (epochs * steps - doneSteps);
    const text = `${numbers()}   ${duration(left)} left`;
    // A terminal that does not know its width says 0.
    const room = (terminal.columns || 80) - 1;
    const width = Math.min(widest, room - text.length - 1);
    if (width < narrowest) return text.slice(0, room);
    const filled = Math.round((step / steps) * width);
    return `${"█".repeat(filled)}${"░".repeat(width - filled)} ${text}`;
  };

  return {
    step: (loss) => {
      step++;
      seen++;
      lossSum += loss;
      latest = now();
      if (terminal.isTTY !== true || latest - drawnAt < pause) return;
      drawnAt = latest;
      draw(bar());
    },
    epoch: (note) => {
      const line = `${numbers()}   ${duration(latest - epochBegun)}${note === undefined ? "" : `   ${note}`}`;
      if (terminal.isTTY === true) draw(line);
      else terminal.write(line);
      terminal.write("\n");
      epoch++;
      step = 0;
      seen = 0;
      lossSum = 0;
      epochBegun = now();
      latest = epochBegun;
      drawnAt = Number.NEGATIVE_INFINITY;
      drawnLength = 0;
    },
    close: () => {
      if (drawnLength > 0) terminal.write("\n");
      drawnLength = 0;
    },
  };
}

/** A count with its thousands apart: 12 345. */
function thousands(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, " ");
}

/** Milliseconds as people say them: 4.2 s, 37 s, 2 min 05 s. */
function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}
