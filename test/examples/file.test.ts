import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "examples/textbook-mlp/errors.js";
import { readPlain, writeWhole } from "examples/textbook-mlp/file.js";
import { describe, expect } from "vitest";
import { caught } from "./caught.js";
import { it } from "./folder.js";

describe("writeWhole", () => {
  it("replaces a file, making its folder, and leaves no other behind", ({ folder }) => {
    const file = join(folder, "new", "model");
    for (const bytes of [Uint8Array.of(1), Uint8Array.of(2, 3)]) writeWhole(file, bytes);
    expect(readFileSync(file)).toEqual(Buffer.of(2, 3));
    expect(readdirSync(join(folder, "new"))).toEqual(["model"]);
  });

  it("leaves what was there, and nothing else, when it cannot take its place", ({ folder }) => {
    const file = join(folder, "taken");
    mkdirSync(file);
    writeFileSync(join(file, "inside"), "old");
    const error = caught(DataError, () => writeWhole(file, "new"));
    expect(error.message).toMatch(/taken: cannot be written: /);
    expect(readdirSync(folder)).toEqual(["taken"]);
    expect(readFileSync(join(file, "inside"), "utf8")).toBe("old");
  });

  it("refuses a folder that is a file", ({ folder }) => {
    writeFileSync(join(folder, "out"), "");
    const error = caught(DataError, () => writeWhole(join(folder, "out", "graph.txt"), "new"));
    expect(error.message).toMatch(/graph\.txt: cannot be written: \w+: /);
  });
});

it("refuses to read a file that does not exist", ({ folder }) => {
  expect(caught(DataError, () => readPlain(join(folder, "none"))).message).toMatch(/none: does not exist$/);
});
