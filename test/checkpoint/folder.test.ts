/** Files that nobody sees half written, and plain words for what goes wrong. */

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { FileError, nodeFolder, readChunks, readWhole, writeWhole } from "@adjoint/interchange/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "folder-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function read(path: string, name: string): Promise<string | undefined> {
  const chunks = await nodeFolder(path).read(name);
  if (chunks === undefined) return undefined;
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

describe("nodeFolder", () => {
  it("keeps what was written last, making the folder first", async () => {
    const path = join(root, "a/b");
    expect(await read(path, "c")).toBeUndefined();
    await nodeFolder(path).write("c", [bytes("one"), bytes(" two")]);
    expect(await read(path, "c")).toBe("one two");
    await nodeFolder(path).write("c", [bytes("three")]);
    expect(await read(path, "c")).toBe("three");
    expect(readdirSync(path)).toEqual(["c"]);
  });

  it("keeps the old bytes when the new ones do not all come", async () => {
    await nodeFolder(root).write("c", [bytes("old")]);
    const failing = (function* (): Generator<Uint8Array> {
      yield bytes("ne");
      throw new RangeError("no more");
    })();
    await expect(nodeFolder(root).write("c", failing)).rejects.toThrow(RangeError);
    expect(await read(root, "c")).toBe("old");
    expect(readdirSync(root)).toEqual(["c"]);
  });

  it("removes what killed processes left, not what living ones write", async () => {
    const uuid = "00000000-0000-4000-8000-000000000000";
    const dead = Number(execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }));
    const files = [`c.${dead}-${uuid}.tmp`, `c.${process.pid}-${uuid}.tmp`, `d.${dead}-${uuid}.tmp`, "c.tmp"];
    for (const file of files) writeFileSync(join(root, file), "");
    await nodeFolder(root).write("c", [bytes("new")]);
    expect(readdirSync(root).sort()).toEqual(["c", ...files.slice(1)].sort());
  });

  it.each(["", ".", "..", "a/b", "../c"])("refuses %j as a name", async (name) => {
    await expect(nodeFolder(root).write(name, [])).rejects.toThrow("is no name within the folder");
    await expect(nodeFolder(root).read(name)).rejects.toThrow(FileError);
  });
});

describe("writeWhole", () => {
  it("keeps a link and the rights of a file", async () => {
    writeFileSync(join(root, "file"), "old");
    chmodSync(join(root, "file"), 0o640);
    symlinkSync("file", join(root, "link"));
    await writeWhole(join(root, "link"), "new");
    expect(readFileSync(join(root, "file"), "utf8")).toBe("new");
    expect(statSync(join(root, "file")).mode & 0o777).toBe(0o640);
    expect(readdirSync(root).sort()).toEqual(["file", "link"]);
  });

  it.skipIf(process.platform === "win32")("writes into what is no file", async () => {
    await writeWhole("/dev/null", "nothing");
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  it("says in plain words what it cannot do", async () => {
    writeFileSync(join(root, "file"), "");
    mkdirSync(join(root, "folder"));
    await expect(writeWhole(join(root, "folder"), "")).rejects.toThrow(
      `${root}/folder: is a folder, not a file`,
    );
    await expect(writeWhole(join(root, "file/x"), "")).rejects.toThrow(
      /lies below something that is no folder/,
    );
    await expect(readWhole(join(root, "none"))).rejects.toThrow(`${root}/none: does not exist`);
    await expect(readChunks(root).next()).rejects.toThrow(`${root}: is a folder, not a file`);
  });

  it.skipIf(process.platform !== "linux")("ends where no folder can be made", async () => {
    await expect(writeWhole("/proc/none/of/this", "")).rejects.toThrow(FileError);
  });
});
