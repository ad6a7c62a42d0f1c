/**
 * Sessions as a suite over a backend, as users hold them: feeds, outputs, parameters, streams, events, several programs,
 * saved plans, disposal. Numbers are small integers and their halves, so every backend gives them exactly.
 */

import {
  AdjointError,
  add,
  constant,
  DisposedError,
  DTypeError,
  graph,
  input,
  matmul,
  mul,
  NameError,
  type Node,
  normal,
  parameter,
  ShapeError,
  sub,
  sum,
  values,
} from "@adjoint/core";
import {
  type Backend,
  compile,
  gradient,
  load,
  pipeline,
  planFromJson,
  planToJson,
  type SessionEvent,
  sgd,
} from "@adjoint/scheduler";
import {
  concat,
  firstValueFrom,
  from,
  lastValueFrom,
  Observable,
  Subject,
  take,
  tap,
  throwError,
  toArray,
} from "rxjs";
import { describe, expect, it } from "vitest";

function* failing(error: Error) {
  yield { x: [0, 0] };
  yield { x: [0, 0] };
  throw error;
}

async function* failingLater(error: Error) {
  yield* failing(error);
}

/** w ← w − 0.1 · (w − x), with the distance Σ (w − x)² / 2 as output. */
function follow() {
  const x = input("x", [2]);
  const w = parameter("w", [2], values([1, 2]));
  const difference = sub(w, x);
  const loss = mul(0.5, sum(mul(difference, difference)));
  const [dw] = gradient(loss, [w]);
  return { w, program: graph({ outputs: { loss }, updates: sgd([[w, dw]], { learningRate: 0.5 }) }) };
}

/** w ← w + x, with the new w as output. */
function accumulating() {
  const w = parameter("w", [1], values([0]));
  const next = add(w, input("x", [1]));
  const accumulate = graph({ outputs: { w: next }, updates: [{ parameter: w, value: next }] });
  return { accumulate, feed: (value: number) => ({ x: Float32Array.of(value) }) };
}

async function* waitingAfter<T>(batch: T) {
  yield batch;
  await new Promise(() => undefined);
}

/** Declares the tests of sessions on a backend. */
export function describeSessions(title: string, backend: () => Backend): void {
  describe(`a session on ${title}`, () => {
    it("takes typed arrays, nested arrays and shaped data", async () => {
      const x = input("x", [2, 2]);
      const y = graph({ outputs: { y: mul(2, x) } });
      const session = await compile(y, { backend: backend() });
      const expected = [2, 4, 6, 8];
      expect(Array.from((await session.run({ x: Float32Array.of(1, 2, 3, 4) })).y.data)).toEqual(expected);
      expect(
        Array.from(
          (
            await session.run({
              x: [
                [1, 2],
                [3, 4],
              ],
            })
          ).y.data,
        ),
      ).toEqual(expected);
      const shaped = await session.run({ x: { shape: [2, 2], data: [1, 2, 3, 4] } });
      expect(shaped.y).toMatchObject({ dtype: "float32", shape: [2, 2] });
      expect(Array.from(shaped.y.data)).toEqual(expected);
    });

    it("refuses feeds that are not as declared", async () => {
      const x = input("x", [2, 2]);
      const k = input("k", [], "int32");
      const program = graph({ outputs: { y: mul(2, x), k: add(k, 1) } });
      const session = await compile(program, { backend: backend() });
      const good = Float32Array.of(1, 2, 3, 4);
      const wrong: Record<string, Float32Array | number> = { x: good, k: 1, z: 1 };
      await expect(session.run({ x: good, k: 1, ...wrong })).rejects.toThrow(NameError);
      const missing: { x: Float32Array; k: number } = JSON.parse('{"k":1}');
      await expect(session.run(missing)).rejects.toThrow(/Input "x" is not fed/);
      await expect(session.run({ x: Float32Array.of(1), k: 1 })).rejects.toThrow(ShapeError);
      await expect(session.run({ x: { shape: [4], data: good }, k: 1 })).rejects.toThrow(ShapeError);
      await expect(session.run({ x: [[1, 2], [3]], k: 1 })).rejects.toThrow(ShapeError);
      await expect(session.run({ x: good, k: 1.5 })).rejects.toThrow(DTypeError);
      await expect(session.run({ x: good, k: 2 ** 31 })).rejects.toThrow(DTypeError);
    });

    it("returns fresh arrays and scalars", async () => {
      const x = input("x", [3]);
      const program = graph({ outputs: { s: sum(x), y: add(x, 1) } });
      const session = await compile(program, { backend: backend() });
      const first = await session.run({ x: [1, 2, 3] });
      const second = await session.run({ x: [4, 5, 6] });
      expect(first.s.item()).toBe(6);
      expect(second.s.item()).toBe(15);
      expect(Array.from(first.y.data)).toEqual([2, 3, 4]);
      expect(() => first.y.item()).toThrow(ShapeError);
    });

    it("reads and writes parameters by node and by name", async () => {
      const { w, program } = follow();
      const session = await compile(program, { backend: backend() });
      expect(Array.from((await session.read(w)).data)).toEqual([1, 2]);
      await session.run({ x: [0, 0] });
      expect(Array.from((await session.read("w")).data)).toEqual([0.5, 1]);
      await session.write("w", [3, 4]);
      expect(Array.from((await session.read(w)).data)).toEqual([3, 4]);
      await expect(session.read("v")).rejects.toThrow(/"v" is no parameter of this session; it has w/);
      await expect(session.write(w, [1, 2, 3])).rejects.toThrow(ShapeError);
    });

    it("streams iterables lazily, one step in flight", async () => {
      const { program } = follow();
      const session = await compile(program, { backend: backend() });
      const pulled: number[] = [];
      function* batches() {
        for (let k = 0; k < 100; k++) {
          pulled.push(k);
          yield { x: [0, 0] };
        }
      }
      const steps = await lastValueFrom(session.stream(batches()).pipe(take(3), toArray()));
      expect(steps.map(({ index }) => index)).toEqual([0, 1, 2]);
      expect(steps.map(({ outputs }) => outputs.loss.item())).toEqual([2.5, 0.625, 0.15625]);
      expect(steps.every(({ milliseconds }) => milliseconds >= 0)).toBe(true);
      expect(pulled.length).toBeLessThanOrEqual(4);
    });

    it("streams observables and passes errors on", async () => {
      const { program } = follow();
      const session = await compile(program, { backend: backend() });
      const source = from([{ x: [0, 0] }, { x: [0, 0] }]);
      expect(await lastValueFrom(session.stream(source).pipe(toArray()))).toHaveLength(2);
      const bad = from([{ x: [0] }]);
      await expect(lastValueFrom(session.stream(bad))).rejects.toThrow(ShapeError);
    });

    it.each([
      ["an iterable", (bad: Error) => failing(bad)],
      ["an async iterable", (bad: Error) => failingLater(bad)],
      [
        "an observable",
        (bad: Error) =>
          concat(
            from([{ x: [0, 0] }, { x: [0, 0] }]),
            throwError(() => bad),
          ),
      ],
    ])("tells what steps gave before their source failed: %s", async (_, source) => {
      const { program } = follow();
      const session = await compile(program, { backend: backend() });
      const losses: number[] = [];
      const bad = new Error("no more");
      const streamed = session
        .stream(source(bad))
        .pipe(tap(({ outputs }) => losses.push(outputs.loss.item())));
      await expect(lastValueFrom(streamed)).rejects.toBe(bad);
      expect(losses).toEqual([2.5, 0.625]);
      await session.dispose();
    });

    it("tells a result to a source that waits for it", async () => {
      const { program } = follow();
      const session = await compile(program, { backend: backend() });
      const results = new Subject<number>();
      async function* batches() {
        for (let k = 0; k < 3; k++) {
          const result = firstValueFrom(results);
          yield { x: [0, 0] };
          await result;
        }
      }
      const steps = session.stream(batches()).pipe(tap(({ index }) => results.next(index)));
      expect(await lastValueFrom(steps.pipe(toArray()))).toHaveLength(3);
      await session.dispose();
    });

    it("leaves a source that waits when unsubscribed", async () => {
      const { program } = follow();
      const session = await compile(program, { backend: backend() });
      let left = false;
      const waiting = {
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise<IteratorResult<{ x: number[] }>>(() => undefined),
          return: () => {
            left = true;
            return Promise.resolve({ done: true as const, value: undefined });
          },
        }),
      };
      session.stream(waiting).subscribe().unsubscribe();
      expect(left).toBe(true);
      await session.dispose();
    });

    it("begins nothing after a batch that is refused, and leaves the source", async () => {
      const { accumulate, feed } = accumulating();
      const session = await compile(accumulate, { backend: backend() });
      let left = false;
      function* pulled() {
        try {
          yield feed(1);
          yield { x: [1, 2] };
          yield feed(100);
          yield feed(1000);
        } finally {
          left = true;
        }
      }
      const told: number[] = [];
      const streamed = session.stream(pulled()).pipe(tap(({ outputs }) => told.push(outputs.w.item())));
      await expect(lastValueFrom(streamed)).rejects.toThrow(ShapeError);
      expect(told).toEqual([1]);
      expect(left).toBe(true);
      const pushed = new Subject<{ x: number[] | Float32Array }>();
      const failed = expect(lastValueFrom(session.stream(pushed))).rejects.toThrow(ShapeError);
      for (const batch of [feed(1), feed(1), { x: [1, 2] }, feed(100)]) pushed.next(batch);
      await failed;
      expect(pushed.observed).toBe(false);
      expect((await session.read("w")).item()).toBe(3);
      await session.dispose();
    });

    it("reads the batches of an observable when they come", async () => {
      const { accumulate } = accumulating();
      const session = await compile(accumulate, { backend: backend() });
      const x = new Float32Array(1);
      const reusing = new Observable<{ x: Float32Array }>((subscriber) => {
        for (const value of [1, 2, 3, 4]) {
          x[0] = value;
          subscriber.next({ x });
        }
        subscriber.complete();
      });
      const steps = await lastValueFrom(session.stream(reusing).pipe(toArray()));
      expect(steps.map(({ outputs }) => outputs.w.item())).toEqual([1, 3, 6, 10]);
      await session.dispose();
    });

    it.each([
      ["at once", () => JSON.parse("null")],
      ["later", () => Promise.resolve(JSON.parse("null"))],
    ])("says what an iterator answers that gives no result: %s", async (_, next) => {
      const { accumulate } = accumulating();
      const session = await compile(accumulate, { backend: backend() });
      const source = { [Symbol.asyncIterator]: () => ({ next }) };
      await expect(lastValueFrom(session.stream(source))).rejects.toThrow(AdjointError);
      await session.dispose();
    });

    it("tells a stream that waits for its source that the session is disposed of", async () => {
      const { accumulate, feed } = accumulating();
      const session = await compile(accumulate, { backend: backend() });
      const told: number[] = [];
      const source = new Subject<{ x: Float32Array }>();
      const ended = [concat(from([feed(1)]), source), waitingAfter(feed(2))].map((batches) => {
        const streamed = session.stream(batches).pipe(tap(({ outputs }) => told.push(outputs.w.item())));
        return expect(lastValueFrom(streamed)).rejects.toThrow(DisposedError);
      });
      await session.read("w");
      await new Promise((resolve) => setTimeout(resolve, 10));
      await session.dispose();
      await Promise.all(ended);
      expect(told).toEqual([1, 3]);
      expect(source.observed).toBe(false);
      await expect(lastValueFrom(session.stream(source))).rejects.toThrow(DisposedError);
    });

    it("stops between steps when unsubscribed", async () => {
      const { program } = follow();
      const session = await compile(program, { backend: backend() });
      const source = new Subject<{ x: number[] }>();
      let steps = 0;
      const subscription = session.stream(source).subscribe(() => {
        steps += 1;
      });
      source.next({ x: [0, 0] });
      await session.read("w");
      await new Promise((resolve) => setTimeout(resolve, 10));
      subscription.unsubscribe();
      source.next({ x: [0, 0] });
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(steps).toBe(1);
      expect(Array.from((await session.read("w")).data)).toEqual([0.5, 1]);
    });

    it("reports compile progress and steps", async () => {
      const { program } = follow();
      const session = await compile(program, { backend: backend() });
      const events: SessionEvent[] = [];
      session.events$.subscribe((event) => events.push(event));
      await session.run({ x: [0, 0] });
      expect(
        events
          .filter(({ type }) => type === "pass")
          .map((event) => (event.type === "pass" ? event.pass : "")),
      ).toEqual(pipeline.map(({ name }) => name));
      expect(events.at(-1)).toMatchObject({ type: "step", program: "program", index: 0 });
    });

    it("runs several programs over one copy of the parameters", async () => {
      const { w, program } = follow();
      const z = input("z", [3, 2]);
      const predict = graph({ outputs: { y: matmul(z, w) } });
      const session = await compile({ train: program, predict }, { backend: backend() });
      await session.train.run({ x: [0, 0] });
      const { y } = await session.predict.run({ z: Float32Array.of(1, 0, 0, 1, 1, 1) });
      expect(Array.from(y.data)).toEqual([0.5, 1, 1.5]);
      expect(session.train.plan.memory.parameterBytes).toBeGreaterThan(0);
      const first = await firstValueFrom(session.train.stream([{ x: [0, 0] }]));
      expect(first.index).toBe(1);
      await expect(compile({ read: predict }, { backend: backend() })).rejects.toThrow(NameError);
    });

    it("gives outputs of the last step, and of no other", async () => {
      const { w, program } = follow();
      const predict = graph({ outputs: { y: matmul(input("z", [3, 2]), w), twice: mul(2, w) } });
      const session = await compile({ train: program, predict }, { backend: backend() });
      await expect(session.predict.output("twice")).rejects.toThrow(NameError);
      await session.predict.run(
        {
          z: [
            [1, 0],
            [0, 1],
            [1, 1],
          ],
        },
        { outputs: [] },
      );
      expect(Array.from((await session.predict.output("y")).data)).toEqual([1, 2, 3]);
      await expect(session.train.output("loss")).rejects.toThrow(/no step of this program has run/);
      await session.train.run({ x: [0, 0] }, { outputs: [] });
      await expect(session.predict.output("y")).rejects.toThrow(NameError);
      expect((await session.train.output("loss")).item()).toBe(2.5);
      await session.dispose();
    });

    it("is disposed of when any of several calls says so", async () => {
      const { program } = follow();
      const session = await compile(program, { backend: backend() });
      let ended = false;
      session.events$.subscribe({
        complete: () => {
          ended = true;
        },
      });
      const running = session.run({ x: [0, 0] });
      const first = session.dispose();
      await session.dispose();
      expect(ended).toBe(true);
      await first;
      expect((await running).loss.item()).toBe(2.5);
    });

    it("refuses programs that declare a shared parameter differently", async () => {
      const a = graph({ outputs: { y: add(parameter("p", [2]), 1) } });
      const b = graph({ outputs: { y: add(parameter("p", [3]), 1) } });
      await expect(compile({ a, b }, { backend: backend() })).rejects.toThrow(/"p"/);
    });

    it("runs a saved plan without planning again", async () => {
      const { program } = follow();
      const session = await compile(program, { backend: backend() });
      const saved = planToJson(session.plan);
      const plan = planFromJson(saved);
      expect(plan).toEqual(session.plan);
      expect(planToJson(plan)).toBe(saved);
      const loaded = await load(plan, { backend: backend() });
      const expected = await session.run({ x: [0.3, 0.7] });
      const actual = await loaded.run({ x: [0.3, 0.7] });
      expect(actual["loss"]?.data).toEqual(expected.loss.data);
      expect((await loaded.read("w")).data).toEqual((await session.read("w")).data);
    });

    it("cannot be used after disposal", async () => {
      const { program } = follow();
      const session = await compile(program, { backend: backend() });
      let completed = false;
      session.events$.subscribe({
        complete: () => {
          completed = true;
        },
      });
      await session.dispose();
      await session.dispose();
      expect(completed).toBe(true);
      expect([session.bytes, session.scratchBytes]).toEqual([0, 0]);
      await expect(session.run({ x: [0, 0] })).rejects.toThrow(AdjointError);
      await expect(session.read("w")).rejects.toThrow(/disposed/);
    });

    it("refuses steps after disposal once, where it keeps parameters", async () => {
      const { accumulate, feed } = accumulating();
      const session = await compile(accumulate, { backend: backend(), snapshotEvery: 1 });
      const running = session.run(feed(1));
      const disposed = session.dispose();
      // A rejection that nobody sees fails the run of the tests.
      await expect(session.run(feed(2))).rejects.toThrow(DisposedError);
      expect((await running).w.item()).toBe(1);
      await disposed;
      await expect(session.run(feed(2))).rejects.toThrow(DisposedError);
      await new Promise((resolve) => setTimeout(resolve, 10));
    });

    it("is cancelled by a signal", async () => {
      const { program } = follow();
      const signal = AbortSignal.abort();
      await expect(compile(program, { backend: backend(), signal })).rejects.toThrow(/abort/i);
      const weights = Array.from({ length: 8 }, (_, i) =>
        parameter(`w${i}`, [400, 400], normal({ seed: i })),
      );
      const large = graph({ outputs: Object.fromEntries(weights.map((w, i) => [`sum${i}`, sum(w)])) });
      const controller = new AbortController();
      const onEvent = (event: SessionEvent): void => {
        if (event.type === "planned") setTimeout(() => controller.abort());
      };
      const compiled = compile(large, { backend: backend(), signal: controller.signal, onEvent });
      await expect(compiled).rejects.toThrow(/abort/i);
    });

    it("refuses a dtype that the backend lacks, by node", async () => {
      if (backend().target.dtypes.includes("float16")) return;
      const h = input("h", [2], "float16");
      await expect(compile(graph({ outputs: { y: h } }), { backend: backend() })).rejects.toThrow(
        /h.*float16/,
      );
    });

    it("keeps outputs that are leaves, views, constants and shared", async () => {
      const x = input("x", [2, 3]);
      const table = constant([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      const outputs: Record<string, Node> = { x, same: x, table, sum: add(x, table) };
      const session = await compile(graph({ outputs }), { backend: backend() });
      const run = await session.run({
        x: [
          [1, 1, 1],
          [2, 2, 2],
        ],
      });
      expect(Array.from(run["x"]?.data ?? [])).toEqual([1, 1, 1, 2, 2, 2]);
      expect(run["same"]?.data).toEqual(run["x"]?.data);
      expect(Array.from(run["table"]?.data ?? [])).toEqual([1, 2, 3, 4, 5, 6]);
      expect(Array.from(run["sum"]?.data ?? [])).toEqual([2, 3, 4, 6, 7, 8]);
    });

    it("gives every update the parameters as they were before the step", async () => {
      const p = parameter("p", [2], values([1, 2]));
      const q = parameter("q", [2], values([3, 4]));
      const updates = [
        { parameter: p, value: add(q, 1) },
        { parameter: q, value: mul(p, 10) },
      ];
      const session = await compile(graph({ outputs: { before: add(p, q) }, updates }), {
        backend: backend(),
      });
      const { before } = await session.run();
      expect(Array.from(before.data)).toEqual([4, 6]);
      expect(Array.from((await session.read(p)).data)).toEqual([4, 5]);
      expect(Array.from((await session.read(q)).data)).toEqual([10, 20]);
    });
  });
}
