/** JSON that is none, with the offset; and everything that is JSON, as the engine reads it. */

import { ParseError, parseJson } from "@adjoint/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { caught } from "../examples/caught.js";

describe("parseJson", () => {
  it.each([
    ["", 0],
    ["  \n ", 4],
    ["{", 1],
    ["[1, 2", 5],
    ["[1, ]", 4],
    ["[,1]", 1],
    ["[1 2]", 3],
    ["[1}", 2],
    ['{"a" 1}', 5],
    ['{"a":}', 5],
    ['{"a":1,}', 7],
    ['{"a":1 "b":2}', 7],
    ["{a:1}", 1],
    ["{'a':1}", 1],
    ["{1:2}", 1],
    ["{,}", 1],
    ["1 2", 2],
    ["{} x", 3],
    ["]", 0],
    ["nul", 0],
    ["True", 0],
    ["NaN", 0],
    ["01", 1],
    ["+1", 0],
    ["[1.]", 2],
    ["[-]", 1],
    ['["\\x"]', 2],
    ['["\\u12"]', 2],
    ['["a\nb"]', 3],
    ['["abc', 5],
    ["\uFEFF{}", 0],
    ["// no\n{}", 0],
  ])("refuses %j at %i", (text, offset) => {
    const error = caught(ParseError, () => parseJson(text));
    expect(error.offset).toBe(offset);
    expect(error.message).toMatch(/^line \d+, column \d+: not JSON: /);
  });

  it("counts lines and columns", () => {
    expect(caught(ParseError, () => parseJson('{\n  "a": 1,\n  b\n}')).message).toBe(
      'line 3, column 3: not JSON: "b" is out of place (at offset 14)',
    );
  });

  it("reads what the engine reads, and refuses what it refuses at a place within the text", () => {
    const text = fc
      .tuple(
        fc.json(),
        fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'{}[]:,"\\ 01-.eau\n')), { maxLength: 2 }),
      )
      .map(([json, edits]) =>
        edits.reduce(
          (all, [at, put]) =>
            all.slice(0, at % (all.length + 1)) + put + all.slice((at % (all.length + 1)) + 1),
          json,
        ),
      );
    let refused = 0;
    fc.assert(
      fc.property(text, (json) => {
        let expected: unknown;
        try {
          expected = JSON.parse(json);
        } catch {
          const { offset = -1 } = caught(ParseError, () => parseJson(json));
          refused += 1;
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset).toBeLessThanOrEqual(json.length);
          return;
        }
        expect(parseJson(json)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
    expect(refused).toBeGreaterThan(300);
  });

  it("refuses what is cut at its end, or where the cut word or string begins", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (json, at) => {
        const cut = json.slice(0, at % Math.max(1, json.length));
        if (/^(-?\d|$)/.test(cut)) return;
        const error = caught(ParseError, () => parseJson(cut));
        expect(cut.slice(error.offset)).toMatch(/^(?:[a-z]*|-|\d*[.eE]?[+-]?|\\u?[\da-f]*)$/);
      }),
      { numRuns: 1000 },
    );
  });

  it("neither recurses nor hangs", () => {
    expect(caught(ParseError, () => parseJson("[".repeat(1e6))).offset).toBe(1e6);
    expect(caught(ParseError, () => parseJson(`${'[{"a":'.repeat(1e5)}x`)).offset).toBe(6e5);
    expect(caught(ParseError, () => parseJson(`"${"\\n".repeat(1e6)}`)).offset).toBe(2e6 + 1);
  });
});
