import { progress } from "@adjoint/cli/progress";
import { describe, expect, it } from "vitest";

/** A training of two epochs of four batches of 50, one a quarter of a second, with a pause for testing after each. */
function train(terminal: { isTTY: boolean; columns?: number }, untilStep = 8, done = 0): string {
  let written = "";
  let time = 1000;
  const shown = progress({
    epochs: 2,
    steps: 4,
    batch: 50,
    done,
    terminal: {
      ...terminal,
      write: (text) => {
        written += text;
      },
    },
    now: () => time,
  });
  for (let step = done + 1; step <= untilStep; step++) {
    time += 250;
    shown.step(4 / step);
    if (step % 4 !== 0) continue;
    time += 1000;
    shown.epoch(`test ${90 + step} %`);
  }
  shown.close();
  return written;
}

/** What a terminal shows after the text: later parts of a line overwrite earlier ones. */
function screen(text: string): string[] {
  return text.split("\n").map((line) =>
    line
      .split("\r")
      .reduce((shown, part) => part + shown.slice(part.length), "")
      .trimEnd(),
  );
}

describe("progress", () => {
  it("prints a plain line an epoch where there is no terminal", () => {
    expect(train({ isTTY: false })).toBe(
      "epoch 1/2   loss 2.0833   200 examples/s   1.0 s   test 94 %\n" +
        "epoch 2/2   loss 0.6345   200 examples/s   1.0 s   test 98 %\n",
    );
  });

  it("leaves the same lines on a terminal, without rests of the bar", () => {
    expect(screen(train({ isTTY: true, columns: 100 }))).toEqual(train({ isTTY: false }).split("\n"));
  });

  it("moves a bar on a terminal, with loss, throughput and time left", () => {
    const drawn = train({ isTTY: true, columns: 100 }).split(/[\r\n]/);
    expect(drawn[1]).toBe(
      `${"█".repeat(8)}${"░".repeat(22)} epoch 1/2   loss 4.0000   200 examples/s   1.8 s left`,
    );
    expect(drawn[2]).toBe(
      `${"█".repeat(15)}${"░".repeat(15)} epoch 1/2   loss 3.0000   200 examples/s   1.5 s left`,
    );
  });

  it("goes on where training was interrupted, with the rate and the losses of what is new", () => {
    expect(train({ isTTY: false }, 8, 6)).toBe(
      "epoch 2/2   loss 0.5357   200 examples/s   0.5 s   test 98 %\n",
    );
    expect(train({ isTTY: true, columns: 100 }, 7, 6)).toContain(
      `${"█".repeat(23)}${"░".repeat(7)} epoch 2/2   loss 0.5714   200 examples/s   0.3 s left`,
    );
  });

  it("draws no line that would wrap, and shortens or drops the bar for that", () => {
    for (const columns of [10, 40, 60, 80]) {
      const bars = train({ isTTY: true, columns }, 3).split(/[\r\n]/);
      expect(bars.every((bar) => bar.length < columns)).toBe(true);
    }
    expect(train({ isTTY: true, columns: 80 }, 1)).toContain("█");
    expect(train({ isTTY: true, columns: 50 }, 1)).not.toContain("█");
    expect(train({ isTTY: true, columns: 0 }, 1)).toBe(train({ isTTY: true, columns: 80 }, 1));
  });

  it("ends an unfinished bar when closed, and adds nothing to a finished one", () => {
    expect(train({ isTTY: true }, 2).endsWith("\n")).toBe(true);
    expect(train({ isTTY: true }, 4)).toMatch(/[^\n]94 % *\n$/);
    expect(train({ isTTY: false }, 2)).toBe("");
  });

  it("does not draw more often than an eye can follow", () => {
    let drawings = 0;
    let time = 0;
    const terminal = { isTTY: true, columns: 80, write: () => drawings++ };
    const shown = progress({ epochs: 1, steps: 1000, batch: 1, terminal, now: () => time });
    for (let step = 0; step < 1000; step++) {
      time += 1;
      shown.step(1);
    }
    expect(drawings).toBe(10);
  });
});
