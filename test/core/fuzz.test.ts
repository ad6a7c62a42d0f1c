// Corrupt text and JSON: whatever comes in, a graph that verifies comes out, or an error of Adjoint's.

import {
  AdjointError,
  catalogue,
  type Graph,
  graphFromJson,
  graphToJson,
  parseGraph,
  printGraph,
  verifyGraph,
} from "@adjoint/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { randomGraph } from "../random/graphs.js";
import { hard, network, probe } from "./programs.js";

/** Whether it was a graph. */
function reads(read: () => Graph): boolean {
  try {
    verifyGraph(read());
    return true;
  } catch (error) {
    if (error instanceof AdjointError) return false;
    throw error;
  }
}

const pieces = [...printGraph(network()).split(/\b/), ...printGraph(hard()).split(/\b/)];
const piece = fc.oneof(fc.constantFrom(...new Set(pieces)), fc.string({ unit: "binary", maxLength: 3 }));

/** A text with parts cut out, repeated or replaced by others. */
const corrupted = fc
  .tuple(
    fc.oneof(randomGraph({ steps: 6 }), fc.constant(network()), fc.constant(hard())),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 12 }), piece), { minLength: 1, maxLength: 3 }),
  )
  .map(([graph, edits]) =>
    edits.reduce((text, [at, length, inserted]) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + inserted + text.slice(start + length);
    }, printGraph(graph)),
  );

test("corrupt text", () => {
  let graphs = 0;
  let others = 0;
  fc.assert(
    fc.property(corrupted, (text) => {
      if (reads(() => parseGraph(text, { ops: [probe] }))) graphs += 1;
      else others += 1;
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(graphs, others)).toBeGreaterThan(30);
});

test("text of the right tokens in any order", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (tokens) => {
      reads(() => parseGraph(`graph { ${tokens.join(" ")} }`, { ops: [probe] }));
    }),
    { numRuns: 1000 },
  );
});

/** Calls of every op of the catalogue on a few leaves, with attributes of the right kinds and any values. */
const attributeTexts = {
  integer: fc.integer({ min: -3, max: 9 }).map(String),
  integers: fc.array(fc.integer({ min: -2, max: 4 }), { maxLength: 5 }).map((list) => `[${list.join()}]`),
  number: fc.constantFrom("0", "-1.5", "NaN", "-Infinity"),
  numbers: fc.constantFrom("[]", "[1, 2]", "[NaN]"),
  boolean: fc.constantFrom("true", "false"),
  string: fc.constantFrom('""', '"same"', '"a,b->c"', '"x"'),
  dtype: fc.constantFrom("float32", "int32", "bool", "uint32"),
  initializer: fc.constantFrom("0", "[1, 2]", "normal(mean: 0, std: 1, seed: 0)"),
} as const;

const leaves = `input a: float32[2, 3] input b: float32[3, 2] input i: int32[2] input u: uint32[2] input m: bool[2, 3]
  input f: float32[2, 2] input t: float32[2, 3, 5, 5] input e: float32[0, 3] input s: float32[]`;

test("every op refuses what it cannot take with an error that says so", () => {
  const call = fc
    .constantFrom(...catalogue.values())
    .chain((op) =>
      fc
        .tuple(
          fc.array(fc.constantFrom(..."abiumftes"), { minLength: 0, maxLength: 4 }),
          ...Object.entries(op.attributes).map(([name, kind]) =>
            attributeTexts[kind].map((text) => `${name}: ${text}`),
          ),
        )
        .map(
          ([operands, ...attributes]) => `${op.name}(${[...operands.slice(0, 4), ...attributes].join(", ")})`,
        ),
    );
  fc.assert(
    fc.property(call, (text) => {
      const message = refusal(`graph { ${leaves} y = ${text}: bool[9, 9, 9] output y }`);
      expect(message).toMatch(/line \d+, column \d+/);
    }),
    { numRuns: 5000 },
  );
});

/** What is said of a text that is never a graph. */
function refusal(text: string): string {
  try {
    parseGraph(text);
  } catch (error) {
    if (error instanceof AdjointError) return error.message;
    throw error;
  }
  throw new Error(`${text} was parsed`);
}

test("corrupt JSON", () => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom("x", "W", "add", "NaN", "-0", -1, 0, 1e9, 2.5, [], {}, { kind: "values", values: ["x"] }),
  );
  fc.assert(
    fc.property(
      fc.oneof(randomGraph({ steps: 6 }), fc.constant(network()), fc.constant(hard())),
      fc.array(fc.tuple(fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), value), {
        minLength: 1,
        maxLength: 3,
      }),
      (graph, edits) => {
        const json: unknown = edits.reduce<unknown>(
          (entry, [path, replacement]) => edited(entry, path, replacement),
          JSON.parse(JSON.stringify(graphToJson(graph))),
        );
        reads(() => graphFromJson(json, { ops: [probe] }));
      },
    ),
    { numRuns: 3000 },
  );
});

/** A copy with the entry at a path of positions replaced; numbers beyond the end count around. */
function edited(value: unknown, [first, ...rest]: readonly number[], replacement: unknown): unknown {
  if (first === undefined || typeof value !== "object" || value === null) return replacement;
  const entries = Object.entries(value);
  const [key, old] = entries[first % Math.max(1, entries.length)] ?? [];
  if (key === undefined) return replacement;
  const changed = entries.map(
    ([name, entry]) => [name, name === key ? edited(old, rest, replacement) : entry] as const,
  );
  return Array.isArray(value) ? changed.map(([, entry]) => entry) : Object.fromEntries(changed);
}

test("any JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => !reads(() => graphFromJson(json))),
    { numRuns: 300 },
  );
});

test("values and names of great length", () => {
  const long = "x".repeat(1e6);
  expect(reads(() => parseGraph(`graph { input ${long}: float32[] output ${long} }`))).toBe(true);
  expect(reads(() => parseGraph(`graph { ${" ".repeat(5e6)}//${long}\n }`))).toBe(true);
  expect(reads(() => parseGraph(`graph { output "${'\\"'.repeat(1e6)}" }`))).toBe(false);
  expect(reads(() => parseGraph(`graph { c = [${"1, ".repeat(2e5)}1]: float32[200001] output c }`))).toBe(
    true,
  );
  expect(reads(() => parseGraph(`graph { c = ${"[".repeat(1e6)}`))).toBe(false);
});
