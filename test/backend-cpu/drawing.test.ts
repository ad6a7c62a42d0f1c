// Initial values drawn by a worker are those that the calling thread draws, and are there whatever becomes of the worker.

import { cpu } from "@adjoint/backend-cpu";
import {
  type DType,
  graph,
  type Initializer,
  input,
  normal,
  orthogonal,
  parameter,
  type Shape,
  sum,
  uniform,
  values,
} from "@adjoint/core";
import { compile } from "@adjoint/scheduler";
import { type HostArray, initialValue, type ParameterSlot } from "@adjoint/scheduler/plan";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => vi.restoreAllMocks());

const slot = (name: string, dtype: DType, shape: Shape, initializer: Initializer): ParameterSlot => {
  return { name, dtype, shape, initializer, buffer: 0, role: "weight" };
};

const slots = [
  slot("w", "float32", [1000, 270], normal({ std: 0.02, seed: 3 })),
  slot("b", "float32", [3], values([1, 2, 3])),
  slot("u", "float64", [5000], uniform({ seed: 4 })),
  slot("o", "float32", [80, 64], orthogonal({ seed: 5 })),
  slot("i", "int32", [4096], uniform({ low: -9, high: 9, seed: 6 })),
];

const expected = slots.map(initialValue);

/** Comparing elements in the way of assertions takes seconds. */
function expectValues(found: readonly (HostArray | undefined)[]): void {
  const same = found.map(
    (array, at) => array?.length === expected[at]?.length && array?.every((x, i) => x === expected[at]?.[i]),
  );
  expect(same).toEqual(expected.map(() => true));
}

const drawn = (backend = cpu({ threads: 2 })) => Promise.all(slots.map((slot) => backend.draw?.(slot)));

test("they are the same from another thread, several at a time", async () => {
  const backend = cpu({ threads: 2 });
  for (const found of await Promise.all([drawn(backend), drawn(backend)])) expectValues(found);
  expectValues(await drawn(backend));
});

test("they are drawn here where there are to be no threads", async () => {
  expectValues(await drawn(cpu({ threads: 1 })));
});

test("a session has them", async () => {
  const parameters = slots.map(({ name, shape, dtype, initializer }) =>
    parameter(name, shape, initializer, { dtype }),
  );
  const outputs = Object.fromEntries(parameters.map((node, at) => [`sum${at}`, sum(node)]));
  await using session = await compile(graph({ outputs: { ...outputs, x: input("x", []) } }), {
    backend: cpu({ threads: 2 }),
  });
  const found = await Promise.all(slots.map(({ name }) => session.read(name)));
  expectValues(found.map(({ data }) => data));
});

/** In place of Node's workers. */
class Worker {
  on(event: string, listener: (value: unknown) => void): void {
    if (event === "exit") setTimeout(() => listener(1));
  }
  postMessage(): void {}
  ref(): void {}
  unref(): void {}
  terminate(): void {}
}

class NoWorker extends Worker {
  constructor() {
    super();
    throw new Error("no workers");
  }
}

test.each([Worker, NoWorker])("they are drawn here by %s", async (Replaced) => {
  const backend = cpu({ threads: 2 });
  vi.spyOn(process, "getBuiltinModule").mockImplementation(() => ({ Worker: Replaced }));
  expectValues(await drawn(backend));
});
