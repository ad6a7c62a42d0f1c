/** Safetensors: exact bytes, round trips, files of the reference implementation, and a byte for whatever is wrong. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  readSafetensors,
  readSafetensorsHeader,
  SafetensorsError,
  type Storable,
  type StorableNow,
  type StoredTensor,
  safetensorsChunks,
  streamSafetensors,
  writeSafetensors,
} from "@adjoint/interchange";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { caught } from "../examples/caught.js";

const reference = fileURLToPath(new URL("../../../shared/reference/torch-training/mlp/", import.meta.url));

async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Uint8Array.from(Buffer.concat(parts));
}

async function streamed(bytes: Uint8Array, size: number): Promise<Map<string, StoredTensor>> {
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
  const found = new Map<string, StoredTensor>();
  for await (const [name, tensor] of streamSafetensors(chunks)) found.set(name, tensor);
  return found;
}

/** A file with a header and zeros after it. */
function file(header: string | Uint8Array, zeros = 0): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Uint8Array.from(Buffer.concat([length, Buffer.from(header), Buffer.alloc(zeros)]));
}

describe("writeSafetensors", () => {
  it("writes exactly the bytes of the format: larger elements first, then by name", () => {
    const b = { dtype: "float32", shape: [1, 2], data: Float32Array.of(1, -0.5) };
    const a = { dtype: "float32", shape: [], data: Float32Array.of(2) };
    const c = { dtype: "int64", shape: [1], data: BigInt64Array.of(-2n) };
    const json =
      '{"__metadata__":{"made":"here"},"c":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},' +
      '"a":{"dtype":"F32","shape":[],"data_offsets":[8,12]},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[12,20]}}';
    expect(json.length % 8).not.toBe(0);
    const header = file(json.padEnd(Math.ceil(json.length / 8) * 8, " "));
    const data = Buffer.from("feffffffffffffff000000400000803f000000bf", "hex");
    expect(Buffer.from(writeSafetensors({ b, a, c }, { made: "here" }))).toEqual(
      Buffer.concat([header, data]),
    );
  });

  it("writes what the reference implementation writes, byte for byte", () => {
    const tensors: Readonly<Record<string, StorableNow>> = {
      é: { dtype: "float32", shape: [2], data: Float32Array.of(1, -0.5) },
      b10: { dtype: "bool", shape: [2], data: Uint8Array.of(1, 0) },
      b9: { dtype: "int32", shape: [], data: Int32Array.of(7) },
      z: { dtype: "float64", shape: [0, 3], data: new Float64Array() },
      a: { dtype: "uint16", shape: [1, 2], data: Uint16Array.of(1, 2) },
      f: { dtype: "float16", shape: [1], data: Uint16Array.of(0x4200) },
      i: { dtype: "int8", shape: [1], data: Int8Array.of(-1) },
      u: { dtype: "uint8", shape: [1], data: Uint8Array.of(5) },
      q: { dtype: "uint64", shape: [1], data: BigUint64Array.of(9n) },
    };
    const expected = readFileSync(new URL("reference.safetensors", import.meta.url));
    expect(Buffer.compare(writeSafetensors(tensors, { made: "by reference" }), expected)).toBe(0);
    expect(Object.fromEntries(readSafetensors(expected).tensors)).toEqual(tensors);
  });

  it.skipIf(!existsSync(reference))("reads and keeps files of PyTorch's users", async () => {
    for (const name of readdirSync(reference).filter((name) => /^(init|step0)\./.test(name))) {
      const bytes = Uint8Array.from(readFileSync(reference + name));
      const { tensors, metadata } = readSafetensors(bytes);
      expect(tensors.size).toBeGreaterThan(0);
      expect(readSafetensors(writeSafetensors(tensors, Object.fromEntries(metadata)))).toEqual({
        tensors,
        metadata,
      });
      expect(await streamed(bytes, 1000)).toEqual(tensors);
    }
  });

  it.each([
    [
      "a type that it does not store",
      "t",
      "complex64",
      [1],
      Uint32Array.of(1),
      "its type complex64 is none of bool, ",
    ],
    ["data of another type", "t", "float32", [1], Float64Array.of(1), "its data is no array of float32"],
    ["too few elements", "t", "float32", [2, 3], new Float32Array(5), "its shape takes 6 elements, not 5"],
    ["a negative extent", "t", "float32", [-1, -1], new Float32Array(1), "its shape [-1, -1] is no list"],
    ["half an extent", "t", "float32", [0.5, 2], new Float32Array(1), "its shape [0.5, 2] is no list"],
    ["too many elements", "t", "float32", [2 ** 30, 2 ** 30], new Float32Array(1), "its shape [1073741824, "],
    ["the reserved name", "__metadata__", "float32", [1], new Float32Array(1), "the format keeps this name"],
    ["half a character", "\ud800", "float32", [1], new Float32Array(1), "its name is no Unicode"],
  ] as const)("refuses %s", async (_, name, dtype, shape, data, problem) => {
    const tensors = { [name]: { dtype, shape, data } };
    const error = caught(SafetensorsError, () => writeSafetensors(tensors));
    expect(error.message).toContain(`tensor ${JSON.stringify(name)}: cannot be stored: ${problem}`);
    expect(error.address).toBe(name);
    await expect(collected(safetensorsChunks(tensors))).rejects.toThrow(error.message);
  });

  it("refuses a name twice", () => {
    const tensor = { dtype: "float32", shape: [1], data: new Float32Array(1) };
    expect(() =>
      writeSafetensors([
        ["a", tensor],
        ["a", tensor],
      ]),
    ).toThrow("its name comes twice");
  });

  it("asks for one tensor at a time when writing in pieces", async () => {
    const asked: string[] = [];
    const lazy = (name: string): [string, Storable] => [
      name,
      { dtype: "uint8", shape: [3], data: async () => Uint8Array.of(asked.push(name), 0, 0) },
    ];
    const chunks = safetensorsChunks([lazy("b"), lazy("a")]);
    await chunks.next();
    expect(asked).toEqual([]);
    expect((await chunks.next()).value).toEqual(Uint8Array.of(1, 0, 0));
    expect(asked).toEqual(["a"]);
  });
});

const arrays = {
  bool: (n: number) => Uint8Array.from({ length: n }, (_, i) => i % 2),
  uint8: (n: number) => Uint8Array.from({ length: n }, (_, i) => 255 - i),
  int8: (n: number) => Int8Array.from({ length: n }, (_, i) => -i),
  float8_e5m2: (n: number) => new Uint8Array(n).fill(7),
  float8_e4m3: (n: number) => new Uint8Array(n).fill(9),
  int16: (n: number) => new Int16Array(n).fill(-300),
  uint16: (n: number) => new Uint16Array(n).fill(65_535),
  float16: (n: number) => new Uint16Array(n).fill(0x3c00),
  bfloat16: (n: number) => new Uint16Array(n).fill(0x3f80),
  int32: (n: number) => new Int32Array(n).fill(-(2 ** 31)),
  uint32: (n: number) => new Uint32Array(n).fill(2 ** 32 - 1),
  float32: (n: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(i)),
  float64: (n: number) => new Float64Array(n).fill(Number.NEGATIVE_INFINITY),
  int64: (n: number) => new BigInt64Array(n).fill(-(2n ** 62n)),
  uint64: (n: number) => new BigUint64Array(n).fill(2n ** 64n - 1n),
} as const;

const names = fc.string({ unit: "grapheme", maxLength: 8 }).filter((name) => name !== "__metadata__");
const tensor = fc
  .tuple(fc.constantFrom(...Object.entries(arrays)), fc.array(fc.nat(4), { maxLength: 3 }), fc.nat(3))
  .map(([[dtype, make], shape, before]): StorableNow => {
    const count = shape.reduce((product, extent) => product * extent, 1);
    return { dtype, shape, data: make(count + before).subarray(before) };
  });
const files = fc.tuple(
  fc.uniqueArray(fc.tuple(names, tensor), { selector: ([name]) => name, maxLength: 5 }),
  fc.dictionary(names, names),
);

describe("round trips", () => {
  it("keeps every name, type, shape, note and bit, at once and in pieces", async () => {
    await fc.assert(
      fc.asyncProperty(files, fc.integer({ min: 1, max: 64 }), async ([tensors, metadata], size) => {
        const bytes = writeSafetensors(tensors, metadata);
        const found = readSafetensors(bytes);
        expect(new Map(found.tensors)).toEqual(new Map(tensors));
        expect(Object.fromEntries(found.metadata)).toEqual({ ...metadata });
        expect(Buffer.compare(await collected(safetensorsChunks(tensors, metadata)), bytes)).toBe(0);
        expect(await streamed(bytes, size)).toEqual(found.tensors);
        expect(Buffer.compare(writeSafetensors([...found.tensors].reverse(), metadata), bytes)).toBe(0);
        for (const { begin, dtype } of readSafetensorsHeader(bytes).entries)
          expect(begin % arrays[dtype](0).BYTES_PER_ELEMENT).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});

describe("readSafetensors", () => {
  const entry = (name: string, offsets: readonly number[], shape: readonly number[] = [1]): string =>
    `"${name}":{"dtype":"F32","shape":${JSON.stringify(shape)},"data_offsets":${JSON.stringify(offsets)}}`;
  const one = `{${entry("a", [0, 4])}}`;
  const end = 8 + one.length + 4;
  const offsets = 8 + one.indexOf("[0,4]");
  const twice = `{${entry("a", [0, 4])},${entry("b", [0, 4])}}`;
  const same = `{${entry("a", [0, 4])},${entry("a", [4, 8])}}`;

  it("accepts the file that the refused ones below are made from", () => {
    const expected = new Map([["a", { dtype: "float32", shape: [1], data: Float32Array.of(0) }]]);
    expect(readSafetensors(file(one, 4)).tensors).toEqual(expected);
    expect(readSafetensors(file(one.replaceAll(/[:,]/g, " $&\t\n "), 4)).tensors).toEqual(expected);
  });

  it.each<readonly [string, Uint8Array, number, string]>([
    ["an empty file", new Uint8Array(), 0, "truncated: the length of the header takes 8 bytes"],
    ["half a length", file(one).subarray(0, 5), 5, "truncated: the length of the header takes 8 bytes"],
    ["half a header", file(one).subarray(0, 20), 20, `truncated: the header ends at byte ${8 + one.length}`],
    [
      "an endless header",
      new Uint8Array(64).fill(0xff),
      0,
      "a header of 18446744073709551615 bytes: at most ",
    ],
    ["a header too large", file(one).fill(0x7f, 0, 4), 0, "a header of 2139062143 bytes: at most 100000000 "],
    ["a header of nothing", file(""), 0, 'a header of 0 bytes: "{}" takes 2'],
    ["a header of one byte", file("{"), 0, 'a header of 1 bytes: "{}" takes 2'],
    ["a header without an end", file('{"a":'), 13, 'expected "{"'],
    ["a header that is a list", file("[]"), 8, 'the header does not begin with "{"'],
    ["a header after a space", file(" {}"), 8, 'the header does not begin with "{"'],
    ["two headers", file("{}{}"), 10, "expected the end of the header"],
    ["a header that is not UTF-8", file(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])), 10, "not UTF-8"],
    ["half a character of UTF-8", file(Buffer.from([0x7b, 0x22, 0xe2, 0x82, 0x22, 0x7d])), 12, "not UTF-8"],
    ["a name that is no Unicode", file('{"\\ud800":{}}'), 9, "not a string of JSON"],
    ["a name with a bad escape", file('{"\\x":{}}'), 9, "not a string of JSON"],
    ["a name without an end", file('{"abc}  '), 9, "a string without an end"],
    ["a name twice", file(same, 8), 8 + same.lastIndexOf('"a"'), 'the name "a" comes twice'],
    [
      "a name twice, once escaped",
      file(same.replace(/"a"(?!.*"a")/, '"\\u0061"'), 8),
      8 + same.lastIndexOf('"a"'),
      'the name "a" comes twice',
    ],
    ["a comma too many", file(one.replace("}}", "},}"), 4), 8 + one.length, "expected a string"],
    ["metadata that are not text", file('{"__metadata__":{"a":1}}'), 29, "expected a string"],
    ["metadata that are a list", file('{"__metadata__":[]}'), 24, 'expected "{"'],
    ["a tensor that is a number", file('{"a":1}'), 13, 'expected "{"'],
    [
      "a type it does not know",
      file(one.replace("F32", "F4"), 4),
      8 + one.indexOf('"F32"'),
      'tensor "a" has the type "F4", not one of BOOL, ',
    ],
    [
      "no type",
      file('{"a":{"shape":[],"data_offsets":[0,4]}}', 4),
      9,
      'tensor "a" needs dtype, shape and data_offsets',
    ],
    ["half an extent", file(`{${entry("a", [0, 4], [0.5])}}`, 4), 8 + one.indexOf("[1]") + 2, 'expected "]"'],
    ["a negative offset", file(`{${entry("a", [-4, 0])}}`, 4), offsets + 1, "expected a whole number"],
    ["a leading zero", file(one.replace("0,4", "00,4"), 4), offsets + 1, "a number with a leading zero"],
    ["an exponent", file(one.replace("0,4", "0,4e0"), 4), offsets + 4, 'expected "]"'],
    ["three offsets", file(`{${entry("a", [0, 4, 8])}}`, 4), offsets, 'tensor "a" needs two data_offsets'],
    [
      "a field too many",
      file(one.replace('"shape"', '"x":1,"shape"'), 4),
      8 + one.indexOf('"shape"'),
      'tensor "a" has a field that the format ',
    ],
    [
      "a shape that does not fit",
      file(`{${entry("a", [0, 4], [2])}}`, 4),
      offsets,
      'tensor "a" has 4 bytes, but its shape [2] of float32 takes 8',
    ],
    ["an uncountable shape", file(`{${entry("a", [0, 4], [2 ** 40, 2 ** 40])}}`, 4), 9, "overflow: tensor "],
    [
      "an uncountable offset",
      file(one.replace("4]", "18446744073709551620]"), 4),
      offsets + 3,
      "overflow: a number above",
    ],
    ["offsets backwards", file(`{${entry("a", [4, 0])}}`, 4), offsets, 'tensor "a" ends before it begins'],
    ["truncated data", file(one, 3), end - 1, `truncated: tensor "a" ends at byte ${end}`],
    ["bytes too many", file(one, 6), end, "2 bytes too many after the last tensor"],
    [
      "a gap",
      file(`{${entry("a", [4, 8])}}`, 8),
      9,
      `tensor "a" begins at byte ${end}: a gap before byte ${end - 4}`,
    ],
    ["an overlap", file(twice, 4), 8 + twice.indexOf('"b"'), 'tensor "b" begins at byte '],
  ])("refuses %s", async (_, bytes, offset, problem) => {
    const error = caught(SafetensorsError, () => readSafetensors(bytes));
    expect(error.message).toContain(`byte ${offset}: ${problem}`);
    expect(error.offset).toBe(offset);
    await expect(streamed(bytes, 7)).rejects.toThrow(SafetensorsError);
  });

  it("gives nothing but its own errors for files with any bytes changed, cut or added", async () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        files,
        flips,
        fc.option(fc.nat()),
        fc.uint8Array({ maxLength: 4 }),
        async ([tensors], changes, cut, tail) => {
          const bytes = Uint8Array.from([...writeSafetensors(tensors), ...tail]);
          for (const [at, value] of changes) bytes[at % Math.min(bytes.length, 200)] = value;
          const broken = cut === null ? bytes : bytes.subarray(0, cut % bytes.length);
          const read = (run: () => unknown): unknown => {
            try {
              return run();
            } catch (error) {
              expect(error).toBeInstanceOf(SafetensorsError);
              refused += 1;
              return undefined;
            }
          };
          const found = read(() => readSafetensors(broken).tensors);
          const pieces = await streamed(broken, 16).catch((error: unknown) =>
            read(() => {
              throw error;
            }),
          );
          expect(pieces).toEqual(found);
        },
      ),
      { numRuns: 400 },
    );
    expect(refused).toBeGreaterThan(100);
  });

  it("takes no memory for what a header only promises", () => {
    const huge = 2 ** 50;
    const bytes = file(`{${entry("a", [0, huge], [huge / 4])}}`, 4);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => readSafetensors(bytes)).toThrow(/truncated/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  });
});
