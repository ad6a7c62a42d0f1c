import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DataError } from "examples/textbook-mlp/errors.js";
import { writeWhole } from "examples/textbook-mlp/file.js";
import { writeSafetensors } from "examples/textbook-mlp/safetensors.js";
import { readSafetensors } from "examples/textbook-mlp/safetensors-read.js";
import { describe, expect } from "vitest";
import { caught } from "./caught.js";
import { it } from "./folder.js";

const reference = fileURLToPath(new URL("../../../shared/reference/torch-training/mlp", import.meta.url));

describe("writeSafetensors", () => {
  it("writes exactly the bytes of the format, tensors in the order of their names", ({ folder }) => {
    const file = join(folder, "model.safetensors");
    const b = { dtype: "int32", shape: [], data: Int32Array.of(-2) };
    const a = { dtype: "float32", shape: [1, 2], data: Float32Array.of(1, -0.5) };
    writeSafetensors(file, { b, a }, { made: "here" });
    const json =
      '{"__metadata__":{"made":"here"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},' +
      '"b":{"dtype":"I32","shape":[],"data_offsets":[8,12]}}';
    expect(json.length % 8).not.toBe(0);
    const header = json.padEnd(Math.ceil(json.length / 8) * 8, " ");
    const length = Buffer.from([header.length, 0, 0, 0, 0, 0, 0, 0]);
    const data = Buffer.from("0000803f000000bffeffffff", "hex");
    expect(readFileSync(file)).toEqual(Buffer.concat([length, Buffer.from(header), data]));
  });

  it("is read back as it was, whatever the type, the shape and the name", ({ folder }) => {
    const file = join(folder, "new", "folder", "model.safetensors");
    const tensors = {
      "10": { dtype: "float64", shape: [2], data: Float64Array.of(Math.PI, Number.NEGATIVE_INFINITY) },
      "9": { dtype: "uint32", shape: [1, 1, 1], data: Uint32Array.of(2 ** 32 - 1) },
      none: { dtype: "float32", shape: [0, 5], data: new Float32Array(0) },
      part: { dtype: "float32", shape: [2], data: Float32Array.of(1, 2, 3, 4).subarray(1, 3) },
      'Übung "{\\" : \n': { dtype: "int64", shape: [], data: BigInt64Array.of(-(2n ** 60n)) },
      z: { dtype: "int32", shape: [2, 1], data: Int32Array.of(-(2 ** 31), 7) },
    };
    writeSafetensors(file, tensors);
    expect(readSafetensors(file)).toEqual(tensors);
    writeSafetensors(file, {});
    expect(readSafetensors(file)).toEqual({});
  });

  it("replaces a file, and leaves no other behind", ({ folder }) => {
    const file = join(folder, "model.safetensors");
    for (const value of [1, 2]) {
      writeSafetensors(file, { v: { dtype: "float32", shape: [1], data: Float32Array.of(value) } });
    }
    expect(readSafetensors(file).v?.data).toEqual(Float32Array.of(2));
    expect(readdirSync(folder)).toEqual(["model.safetensors"]);
  });

  it.for([
    [
      "a type that it does not store",
      "t",
      "bool",
      [1],
      Uint32Array.of(1),
      "its type bool is none of float32, ",
    ],
    ["data of another type", "t", "float32", [1], Float64Array.of(1), "its data is no array of float32"],
    [
      "too few elements",
      "t",
      "float32",
      [2, 3],
      new Float32Array(5),
      "its shape [2, 3] does not fit its 5 elements",
    ],
    [
      "a negative extent",
      "t",
      "float32",
      [-1, -1],
      new Float32Array(1),
      "its shape [-1, -1] does not fit its 1 ",
    ],
    [
      "half an extent",
      "t",
      "float32",
      [0.5, 2],
      new Float32Array(1),
      "its shape [0.5, 2] does not fit its 1 ",
    ],
    ["the reserved name", "__metadata__", "float32", [1], new Float32Array(1), "the format keeps this name"],
  ] as const)("refuses %s, and keeps the old file", ([, name, dtype, shape, data, problem], { folder }) => {
    const file = join(folder, "model.safetensors");
    writeFileSync(file, "old");
    const error = caught(DataError, () => writeSafetensors(file, { [name]: { dtype, shape, data } }));
    expect(error.message).toContain(`${file}: tensor "${name}" cannot be stored: ${problem}`);
    expect(readFileSync(file, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["model.safetensors"]);
  });
});

describe("writeWhole", () => {
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

describe("readSafetensors", () => {
  it.skipIf(!existsSync(reference))("reads files of the reference implementation", () => {
    const { "fc1.weight": weight } = readSafetensors(join(reference, "init.safetensors"));
    expect(weight?.shape).toEqual([64, 784]);
    expect(weight?.data).toBeInstanceOf(Float32Array);
    const { y0 } = readSafetensors(join(reference, "data.safetensors"));
    expect(y0?.shape).toEqual([32]);
    expect(Array.from(y0?.data ?? [], Number).every((label) => label >= 0 && label <= 9)).toBe(true);
  });

  /** A file with a header and zeros after it. */
  const file = (header: string | Uint8Array, zeros = 0): Buffer => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
    return Buffer.concat([length, Buffer.from(header), Buffer.alloc(zeros)]);
  };
  /** A header entry, or half of one to break. */
  const entry = (name: string, offsets: readonly number[], shape: readonly number[] = [1]): string =>
    `"${name}":{"dtype":"F32","shape":${JSON.stringify(shape)},"data_offsets":${JSON.stringify(offsets)}}`;
  const one = `{${entry("a", [0, 4])}}`;
  const end = 8 + one.length + 4;
  const vast = `{${entry("a", [0, 4], [2 ** 40, 2 ** 40])}}`;
  const twice = `{${entry("a", [0, 4])},${entry("b", [0, 4])}}`;

  it("accepts the file that the refused ones below are made from", ({ folder }) => {
    writeFileSync(join(folder, "good"), file(one, 4));
    expect(readSafetensors(join(folder, "good"))).toEqual({
      a: { dtype: "float32", shape: [1], data: Float32Array.of(0) },
    });
  });

  it.for([
    ["an empty file", Buffer.alloc(0), 0, "truncated: the length of the header takes 8 bytes"],
    ["half a header", file(one).subarray(0, 20), 20, `truncated: the header ends at byte ${8 + one.length}`],
    [
      "an endless header",
      Buffer.alloc(64, 0xff),
      0,
      "a header of 18446744073709552000 bytes: expected at most ",
    ],
    ["a header that is not JSON", file('{"a":'), 8, "the header is not a JSON object"],
    ["a header that is a list", file("[]"), 8, "the header is not a JSON object"],
    ["a header after a space", file(" {}"), 8, "the header is not a JSON object"],
    [
      "a header that is not UTF-8",
      file(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])),
      8,
      "the header is not a JSON ",
    ],
    [
      "a name twice",
      file(`{${entry("a", [0, 4])},${entry("a", [0, 4])}}`, 4),
      8,
      "the header has the same name twice",
    ],
    [
      "metadata that are not text",
      file('{"__metadata__":{"a":1}}'),
      8,
      "__metadata__ is not a map from text to text",
    ],
    ["a tensor that is a number", file('{"a":1}'), 8, 'tensor "a" is not described by an object'],
    [
      "a type it does not know",
      file(one.replace("F32", "BF16"), 4),
      8,
      'tensor "a" has the type "BF16": none that ',
    ],
    ["no type", file('{"a":{"shape":[],"data_offsets":[0,4]}}', 4), 8, 'tensor "a" has the type undefined'],
    [
      "half an extent",
      file(`{${entry("a", [0, 4], [0.5])}}`, 4),
      8,
      'tensor "a" needs a shape of whole numbers',
    ],
    [
      "a negative offset",
      file(`{${entry("a", [-4, 0])}}`, 4),
      8,
      'tensor "a" needs data_offsets of whole numbers',
    ],
    ["three offsets", file(`{${entry("a", [0, 4, 8])}}`, 4), 8, 'tensor "a" needs two data_offsets'],
    [
      "a field too many",
      file(one.replace('"shape"', '"x":1,"shape"'), 4),
      8,
      'tensor "a" has a field that the format ',
    ],
    [
      "a shape that does not fit",
      file(`{${entry("a", [0, 4], [2])}}`, 4),
      end - 4,
      'tensor "a" has 4 bytes, which ',
    ],
    ["an uncountable shape", file(vast, 4), 8 + vast.length, 'tensor "a" has 4 bytes, '],
    [
      "offsets backwards",
      file(`{${entry("a", [4, 0])}}`, 4),
      end,
      'tensor "a" has -4 bytes, which its shape',
    ],
    ["truncated data", file(one, 3), end - 1, `tensor "a" is truncated: it ends at byte ${end}`],
    ["bytes too many", file(one, 6), end, "2 bytes too many after the last tensor"],
    [
      "a gap",
      file(`{${entry("a", [4, 8])}}`, 8),
      end - 4,
      `tensor "a" begins at byte ${end}: a gap or an overlap`,
    ],
    ["an overlap", file(twice, 4), 8 + twice.length + 4, 'tensor "b" begins at byte '],
  ] as const)("refuses %s", ([, bytes, offset, problem], { folder }) => {
    const path = join(folder, "bad.safetensors");
    writeFileSync(path, bytes);
    const error = caught(DataError, () => readSafetensors(path));
    expect(error.message).toContain(`${path}, byte ${offset}: ${problem}`);
    expect(error.offset).toBe(offset);
    expect(error.message).not.toContain("\n");
  });

  it("refuses a file that does not exist", ({ folder }) => {
    expect(caught(DataError, () => readSafetensors(join(folder, "none"))).message).toMatch(
      /none: does not exist$/,
    );
  });
});
