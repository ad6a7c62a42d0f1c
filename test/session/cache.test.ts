// Compiled programs kept in a folder: nothing is planned or emitted twice, and nothing that goes wrong with the folder keeps
// a program from being compiled.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpu } from "@adjoint/backend-cpu";
import { memoryFolder } from "@adjoint/interchange/checkpoint";
import { nodeFolder } from "@adjoint/interchange/node";
import { type CacheReport, type CompileOptions, compile, type Folder, load } from "@adjoint/scheduler";
import { afterEach, describe, expect, test } from "vitest";
import { type Network, networks } from "../backend-cpu/networks.js";

function networkAt(position: number): Network {
  const make = networks[position];
  if (make === undefined) throw new RangeError(`there is no network ${position}`);
  return make();
}

const [network, other] = [networkAt(0), networkAt(1)];

/** What the cache reported, the passes that ran, and the bits after a step; in a backend that has seen nothing. */
async function compiled(
  cache: Folder,
  options: Partial<CompileOptions> = {},
  { graph, feeds }: Network = network,
) {
  const reports: CacheReport[] = [];
  const passes: string[] = [];
  const session = await compile(graph, {
    backend: cpu({ threads: 2, divideFrom: 1000 }),
    cache,
    ...options,
    onEvent: (event) => {
      if (event.type === "pass") passes.push(event.pass);
    },
  });
  session.events$.subscribe((event) => {
    if (event.type === "cache") reports.push(event);
  });
  const { loss } = await session.run(feeds);
  await kept(cache);
  await session.dispose();
  const outcomes = reports.map(({ what, outcome }) => `${what} ${outcome}`).sort();
  return { outcomes, reports, passes, plan: session.plan, loss: loss?.item() };
}

const unfinished = new WeakMap<Folder, Promise<unknown>[]>();

/** A folder that knows when everything is written: `compile` does not wait for that. */
function watched(folder: Folder): Folder {
  const writes: Promise<unknown>[] = [];
  const watching: Folder = {
    read: (name) => folder.read(name),
    write: (name, chunks) => {
      const written = folder.write(name, chunks);
      writes.push(written);
      return written;
    },
  };
  unfinished.set(watching, writes);
  return watching;
}

async function kept(folder: Folder): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  await Promise.allSettled(unfinished.get(folder) ?? []);
  await new Promise((resolve) => setTimeout(resolve));
}

const all = (outcome: string): string[] => [`cpu ${outcome}`, `plan ${outcome}`];
const first = [...all("kept"), ...all("missing")].sort();

/** The same folder with everything read changed. */
function reading(folder: Folder, change: (bytes: Uint8Array) => Uint8Array): Folder {
  return watched({
    read: async (name) => {
      const chunks = await folder.read(name);
      if (chunks === undefined) return undefined;
      const bytes: number[] = [];
      for await (const chunk of chunks) bytes.push(...chunk);
      const changed = change(Uint8Array.from(bytes));
      return (async function* () {
        yield changed;
      })();
    },
    write: (name, chunks) => folder.write(name, chunks),
  });
}

describe("a folder of what was compiled", () => {
  const temporary: string[] = [];
  afterEach(() => {
    for (const path of temporary.splice(0)) rmSync(path, { recursive: true, force: true });
  });

  const places: readonly (readonly [string, () => Folder])[] = [
    ["in memory", memoryFolder],
    [
      "of the file system",
      () => {
        const path = mkdtempSync(join(tmpdir(), "cache-"));
        temporary.push(path);
        return nodeFolder(join(path, "not", "there"));
      },
    ],
  ];

  test.each(places)("%s gives the plan and the module back", async (_, make) => {
    const cache = watched(make());
    const made = await compiled(cache);
    expect(made.outcomes).toEqual(first);
    expect(made.passes).toContain("fuse");
    const found = await compiled(cache);
    expect(found.outcomes).toEqual(all("found"));
    expect(found.passes).toEqual([]);
    expect(found.plan).toEqual(made.plan);
    expect(found.loss).toBe(made.loss);
  });

  test("gives a saved plan its module back", async () => {
    const cache = watched(memoryFolder());
    const { plan, loss } = await compiled(cache, { backend: cpu({ threads: 1 }) });
    const reports: string[] = [];
    const session = await load(plan, { backend: cpu({ threads: 1 }), cache });
    session.events$.subscribe((event) => {
      if (event.type === "cache") reports.push(`${event.what} ${event.outcome}`);
    });
    expect(reports).toEqual(["cpu found"]);
    expect((await session.run(network.feeds))["loss"]?.item()).toBe(loss);
    await session.dispose();
  });

  test("is not asked for a plan that is to be verified", async () => {
    const cache = watched(memoryFolder());
    await compiled(cache);
    const verified = await compiled(cache, { verify: true });
    expect(verified.outcomes).toEqual(["cpu found"]);
    expect(verified.passes).toContain("fuse");
  });

  test("knows options, graphs and devices apart", async () => {
    const cache = watched(memoryFolder());
    const { plan } = await compiled(cache);
    const budget = await compiled(cache, { memoryBudget: plan.memory.arenaBytes * 2 });
    expect(budget.outcomes).toContain("plan missing");
    const parted = await compiled(cache, { microBatches: 67 });
    expect(parted.outcomes).toEqual(first);
    expect((await compiled(cache, {}, other)).outcomes).toEqual(first);
    const alone = await compiled(cache, { backend: cpu({ threads: 1 }) });
    expect(alone.outcomes).toEqual(["cpu kept", "cpu missing", "plan found"]);
  });

  test("remembers in how many parts a step fits its budget", async () => {
    const cache = watched(memoryFolder());
    const whole = (await compiled(cache)).plan.memory;
    const options = { memoryBudget: Math.floor(whole.arenaBytes * 0.8), microBatches: "auto" } as const;
    const made = await compiled(cache, options);
    const again = await compiled(cache, options);
    expect(again.outcomes).toEqual(all("found"));
    expect(again.plan).toEqual(made.plan);
    expect(again.loss).toBe(made.loss);
  });

  test.each([
    [
      "a byte of the content is another",
      (bytes: Uint8Array) => bytes.map((byte, at) => (at === bytes.length - 20 ? byte ^ 1 : byte)),
    ],
    ["the end is missing", (bytes: Uint8Array) => bytes.subarray(0, bytes.length >> 1)],
    ["only the checksums are there", (bytes: Uint8Array) => bytes.subarray(0, 64)],
  ])("is not believed when %s", async (_, change) => {
    const folder = memoryFolder();
    const made = await compiled(watched(folder));
    const found = await compiled(reading(folder, change));
    expect(found.outcomes).toEqual([...all("damaged"), ...all("kept")].sort());
    expect(found.loss).toBe(made.loss);
  });

  test.each([
    ["nothing", () => new Uint8Array()],
    ["something else", () => new TextEncoder().encode("once upon a time")],
  ])("counts as empty when it holds %s", async (_, change) => {
    const folder = memoryFolder();
    await compiled(watched(folder));
    expect((await compiled(reading(folder, change))).outcomes).toEqual(first);
  });

  test("keeps one of two contents that get the same name", async () => {
    const folder = memoryFolder();
    const narrow = watched({
      read: () => folder.read("one"),
      write: (name, chunks) => (name.startsWith("plan") ? folder.write("one", chunks) : Promise.resolve()),
    });
    expect((await compiled(narrow)).outcomes).toEqual(first);
    expect((await compiled(narrow)).outcomes).toContain("plan found");
    expect((await compiled(narrow, {}, other)).outcomes).toContain("plan missing");
    expect((await compiled(narrow)).outcomes).toContain("plan missing");
  });

  test("that can neither be read nor written costs nothing but time", async () => {
    const broken = watched({
      read: () => Promise.reject(new Error("no permission")),
      write: () => Promise.reject(new Error("disk full")),
    });
    const made = await compiled(watched(memoryFolder()));
    const { reports, loss } = await compiled(broken);
    expect(reports.map(({ outcome, reason }) => `${outcome} ${reason}`).sort()).toEqual([
      "failed Error: disk full",
      "failed Error: disk full",
      "failed Error: no permission",
      "failed Error: no permission",
    ]);
    expect(loss).toBe(made.loss);
  });
});
