/** The replay of schedules: it counts what a schedule costs and refuses one that could not run. */

import { VerificationError } from "@adjoint/core";
import { type ReplayInput, replaySchedule } from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";

const run = (operation: number) => ({ kind: "run", operation }) as const;
const free = (value: number) => ({ kind: "free", value }) as const;

/** Value 3 is there from the start; 0 feeds 1 and 2. */
const input: Omit<ReplayInput, "schedule"> = {
  operations: [
    { inputs: [3], outputs: [0], cost: 4 },
    { inputs: [0], outputs: [1], cost: 2, workspace: 5 },
    { inputs: [0, 1], outputs: [2], cost: 1 },
  ],
  values: [{ size: 10 }, { size: 20 }, { size: 3 }, { size: 1000 }],
  keep: [2],
};

describe("replaySchedule", () => {
  it("sums costs and finds the peak", () => {
    const schedule = [run(0), run(1), run(2), free(0), free(1)];
    expect(replaySchedule({ ...input, schedule })).toEqual({ peak: 35, cost: 7 });
    const twice = [run(0), run(1), free(0), run(0), run(2), free(1), free(0)];
    expect(replaySchedule({ ...input, schedule: twice })).toEqual({ peak: 35, cost: 11 });
    expect(replaySchedule({ operations: [], values: [], schedule: [] })).toEqual({ peak: 0, cost: 0 });
  });

  it.each([
    ["reads what was never written", [run(1)], "schedule[0]", "reads value 0"],
    ["reads what was freed", [run(0), free(0), run(1)], "schedule[2]", "reads value 0"],
    ["writes what is live", [run(0), run(0)], "schedule[1]", "writes value 0"],
    ["frees what is not live", [run(0), free(1)], "schedule[1]", "frees value 1"],
    ["frees twice", [run(0), free(0), free(0)], "schedule[2]", "frees value 0"],
    ["runs what does not exist", [run(7)], "schedule[0]", "operation 7"],
    ["leaves out an operation", [run(0), run(1), free(0), free(1)], "operations[2]", "never runs"],
    ["leaves something live", [run(0), run(1), run(2), free(0)], "values[1]", "not kept"],
    [
      "frees what is kept",
      [run(0), run(1), run(2), free(0), free(1), free(2)],
      "values[2]",
      "not live at the end",
    ],
  ] as const)("refuses a schedule that %s", (_, schedule, address, message) => {
    let caught: unknown;
    try {
      replaySchedule({ ...input, schedule });
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(VerificationError);
    expect(caught).toMatchObject({ address, message: expect.stringContaining(message) });
  });
});
