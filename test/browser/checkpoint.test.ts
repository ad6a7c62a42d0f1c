// Checkpoints and caches in the origin's private file system: a page that is closed while it saves keeps what it had.

import { cpu } from "@adjoint/backend-cpu";
import { directoryFolder, loadCheckpoint, resume, saveCheckpoint } from "@adjoint/interchange/checkpoint";
import { compile } from "@adjoint/scheduler";
import { beforeEach, expect, it } from "vitest";
import { batch, compiled, trainingGraph } from "../checkpoint/training.js";

let directory: FileSystemDirectoryHandle;
beforeEach(async () => {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry("checkpoints", { recursive: true }).catch(() => undefined);
  directory = await root.getDirectoryHandle("checkpoints", { create: true });
});

async function textOf(name: string): Promise<string | undefined> {
  const chunks = await directoryFolder(directory).read(name);
  if (chunks === undefined) return undefined;
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
  return text;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it("goes on with the bits of training without a break", async () => {
  const folder = directoryFolder(directory);
  expect(await loadCheckpoint(folder)).toBeUndefined();
  const session = await compiled();
  for (let step = 0; step < 3; step++) await session.run(batch(step));
  await saveCheckpoint(folder, { graph: trainingGraph(), plan: session.plan, session, step: 3 });
  const checkpoint = await loadCheckpoint(folder);
  if (checkpoint === undefined) throw new Error("the folder has a checkpoint");
  expect(checkpoint.step).toBe(3);
  const resumed = await resume(checkpoint, { backend: cpu() });
  for (let step = 3; step < 6; step++) {
    await session.run(batch(step));
    await resumed.run(batch(step));
  }
  for (const { name } of session.plan.parameters)
    expect((await resumed.read(name)).data).toEqual((await session.read(name)).data);
  await session.dispose();
  await resumed.dispose();
});

it("keeps the old bytes until all of the new ones are there", async () => {
  const folder = directoryFolder(directory);
  await folder.write("c", [bytes("old")]);
  const seen: (string | undefined)[] = [];
  await folder.write(
    "c",
    (async function* () {
      yield bytes("ne");
      seen.push(await textOf("c"));
      yield bytes("w");
      seen.push(await textOf("c"));
    })(),
  );
  expect([...seen, await textOf("c")]).toEqual(["old", "old", "new"]);
  const failing = (function* (): Generator<Uint8Array> {
    yield bytes("later");
    throw new RangeError("no more");
  })();
  await expect(folder.write("c", failing)).rejects.toThrow(RangeError);
  expect(await textOf("c")).toBe("new");
});

it("has nothing where a first write was never completed", async () => {
  const failing = (function* (): Generator<Uint8Array> {
    yield bytes("half");
    throw new RangeError("no more");
  })();
  await expect(directoryFolder(directory).write("c", failing)).rejects.toThrow(RangeError);
  expect(await textOf("c")).toBeUndefined();
  expect(await textOf("never")).toBeUndefined();
});

it("writes views on memory that threads share", async () => {
  const shared = new Uint8Array(new SharedArrayBuffer(3));
  shared.set(bytes("abc"));
  await directoryFolder(directory).write("c", [shared]);
  expect(await textOf("c")).toBe("abc");
});

it("keeps what was compiled for the next page", async () => {
  const expectOutcomes = async (...outcomes: readonly string[]): Promise<void> => {
    const found: string[] = [];
    const session = await compile(trainingGraph(), { backend: cpu(), cache: directoryFolder(directory) });
    session.events$.subscribe((event) => {
      if (event.type === "cache") found.push(`${event.what} ${event.outcome}`);
    });
    await expect.poll(() => [...found].sort()).toEqual(outcomes);
    await session.dispose();
  };
  await expectOutcomes("cpu kept", "cpu missing", "plan kept", "plan missing");
  await expectOutcomes("cpu found", "plan found");
});
