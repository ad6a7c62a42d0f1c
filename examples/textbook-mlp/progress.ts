// Shows how training goes: on a terminal a bar that moves, elsewhere one plain line an epoch. Only tells of time and
// numbers it is given; trains nothing, and on a terminal that is too narrow leaves parts out.

/** Where the lines go; process.stderr is one. */
export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** What there is to do, and where and by which clock to tell of it. */
export interface ProgressOptions {
  readonly epochs: number;
  /** Batches an epoch. */
  readonly steps: number;
  /** Examples a batch. */
  readonly batch: number;
  readonly terminal: Terminal;
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
  const { epochs, steps, batch, terminal, now = () => performance.now() } = options;
  const begun = now();
  let epoch = 1;
  let epochBegun = begun;
  let step = 0;
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
    const rate = (step * batch) / Math.max(1e-9, (latest - epochBegun) / 1000);
    const loss = step === 0 ? "" : `   loss ${(lossSum / step).toFixed(4)}`;
    return `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}${loss}   ${thousands(rate)} examples/s`;
  };
  const bar = (): string => {
    const doneSteps = (epoch - 1) * steps + step;
    const left = ((latest - begun) / Math.max(1, doneSteps)) * (epochs * steps - doneSteps);
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
