// What is wrong with a text, and where: every refusal of the parser with its offset, line and column.

import { NameError, type Op, ParseError, parseGraph } from "@adjoint/core";
import { describe, expect, test } from "vitest";
import { probe } from "./programs.js";

/** The error for a text in which `§` stands where the error should be. */
function refusal(marked: string, ops: readonly Op[] = []): ParseError {
  const offset = marked.indexOf("§");
  const text = marked.replace("§", "");
  try {
    parseGraph(text, { ops });
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const lines = text.slice(0, offset).split("\n");
    const place = `line ${lines.length}, column ${(lines.at(-1) ?? "").length + 1}: `;
    expect(
      error.message.startsWith(place) && error.message.endsWith(` (at offset ${offset})`),
      error.message,
    ).toBe(true);
    expect(error.offset).toBe(offset);
    expect(error.address).toBe(String(offset));
    return error;
  }
  throw new Error(`${text} was parsed`);
}

/** A graph with an input x: float32[2, 3] and a parameter w: float32[3], around the statements given. */
const around = (statements: string) => `graph {
  input x: float32[2, 3]
  parameter w: float32[3] = 0
  ${statements}
}`;

describe("the frame", () => {
  test.each([
    ["§", 'expected "graph", found the end of the text'],
    ["§hello", 'expected "graph", found "hello"'],
    ['§"graph" {}', 'expected "graph", found string "graph"'],
    ["graph §", 'expected "{", found the end of the text'],
    [
      "graph {§",
      'expected a node, "input", "parameter", "state", "output", "update" or "}", found the end of the text',
    ],
    ["graph {} §graph {}", 'expected the end of the text, found "graph"'],
    ["graph {}\n\n // x\n §}", 'expected the end of the text, found "}"'],
    ["graph { §; }", 'expected a name, a number, a string or one of {}()[]:,=@, found ";"'],
    ["graph { §😀 }", 'found "😀"'],
    ['graph { §"a }', 'expected a closing " of the string that starts here'],
    ['graph { §"a\\" }', 'expected a closing " of the string that starts here'],
    ['graph { §"a\\q" }', "expected a string as JSON writes it"],
    ['graph { §"a\nb" }', "expected a string as JSON writes it"],
    ["graph { §(", 'found "("'],
    [`graph { input §: ${"x".repeat(100)}`, 'expected a name, found ":"'],
    ["graph { xxxx§", 'expected "=", found the end of the text'],
  ])("%j", (text, message) => expect(refusal(text).message).toContain(message));
});

describe("statements", () => {
  test.each([
    ["y §add(x, x): float32[2, 3]", 'expected "=", found "add"'],
    ["outputs §x", 'expected "=", found "x"'],
    ['"output" §x', 'expected "=", found "x"'],
    ["y = §: float32[]", 'expected an op, a number or a list of numbers, found ":"'],
    ["y = add §x", 'expected "(", found "x"'],
    ["y = add(x §x)", 'expected "," or ")", found "x"'],
    ["y = add(x, §)", 'expected an operand or an attribute, found ")"'],
    ["y = add(x, §3)", 'expected an operand or an attribute, found "3"'],
    ["y = add(x, x) §}", 'expected ":", found "}"'],
    [
      "y = add(x, x): §[2, 3]",
      'expected a dtype (float32, float16, float64, int32, uint32, bool), found "["',
    ],
    ["y = add(x, x): §float8[2, 3]", 'found "float8"'],
    ["y = add(x, x): float32§(2, 3)", 'expected "[", found "("'],
    ["y = add(x, x): float32[2 §3]", 'expected "," or "]", found "3"'],
    ["y = add(x, x): float32[2, §]", 'expected a number, found "]"'],
    ["y = add(x, x): float32[2, §1.5]", 'expected an integer, found "1.5"'],
    ["y = add(x, x): float32[2, §1e300]", 'expected an integer, found "1e300"'],
    ["y = add(x, x): float32[2, 3] @§derived", 'expected "adjoint", found "derived"'],
    ["y = add(x, x): float32[2, 3] @adjoint(§0)", 'expected a derivative order of at least 1, found "0"'],
    ["y = add(x, x): float32[2, 3] @adjoint(2§,", 'expected ")", found ","'],
    ["input v: §int8[2]", "expected a dtype"],
    ["input §3: int32[2]", 'expected a name, found "3"'],
    ["input v §float32[]", 'expected ":", found "float32"'],
    ['input §"a b": float32[]', '"a b" is not a name'],
    ["input §v: float32[-1]", "shape [-1] must consist of non-negative integers"],
    ["input §v: float32[4294967296, 4294967296]", "too many elements"],
    ["parameter v: float32[] §}", 'expected "=", found "}"'],
    [
      "parameter v: float32[] = §zeros(3)",
      "expected an initial value: a number, a list of numbers or one of normal(...), uniform(...)",
    ],
    ["parameter v: float32[] = §values(3)", 'found "values"'],
    ["parameter v: float32[] = §constant(3)", 'found "constant"'],
    ['parameter v: float32[] = §"normal"', 'expected a number, found string "normal"'],
    ["parameter v: float32[] = normal(mean: 0, §seed: 1)", 'expected "std", found "seed"'],
    ["parameter v: float32[] = normal(mean: 0, std: 1, seed: 1§, x: 1)", 'expected ")", found ","'],
    ["parameter v: float32[] = normal§[0]", 'expected "(", found "["'],
    ["parameter §v: float32[3] = [1, 2]", "2 initial values do not fill shape [3]"],
    ["c = §[1, 2]: float32[3]", "2 values do not fill shape [3]"],
    ["c = [1, §true]: float32[2]", 'expected a number, found "true"'],
    ["c = §-x: float32[]", "expected a name, a number, a string"],
    ["output §3", 'expected the name of an output, found "3"'],
    ["output y = §3", 'expected the name of a node, found "3"'],
    ["update §3", 'expected the name of a parameter, found "3"'],
    ["update w §x", 'expected "=", found "x"'],
  ])("%j", (statement, message) => expect(refusal(around(statement)).message).toContain(message));
});

describe("what statements mean", () => {
  test.each([
    ["y = §frobnicate(x): float32[]", 'there is no op "frobnicate"; pass your own ops as { ops: [...] }'],
    ["y = add(x, §z): float32[]", 'no node before this is called "z"'],
    ["y = add(x, §y): float32[]", 'no node before this is called "y"'],
    ["§x = add(x, x): float32[2, 3]", 'a node before this is called "x" too'],
    ["input §w: float32[]", 'a node before this is called "w" too'],
    ["y = add(x, x): §float32[3, 2]", "the type is float32[2, 3], not float32[3, 2]"],
    ["y = add(x, x): §int32[2, 3]", "the type is float32[2, 3], not int32[2, 3]"],
    ["y = §add(x): float32[2, 3]", "y = add(x: float32[2, 3]): expected 2 operands"],
    [
      "y = §matmul(x, x): float32[2, 2]",
      "y = matmul(x: float32[2, 3], x: float32[2, 3]): inner extents 3 and 2 must be equal",
    ],
    [
      "y = §sum(x, axes: [0]): float32[3]",
      "y = sum(x: float32[2, 3]): attribute keepDims (boolean) is missing",
    ],
    ["y = §sum(x, axes: [2], keepDims: true): float32[3]", "axis 2 is outside [-2, 2)"],
    ["y = sum(x, §axis: 0): float32[3]", 'expected an attribute of sum (axes, keepDims), found "axis"'],
    ["y = add(x, x, §toString: 1): float32[3]", 'expected an attribute of add (none), found "toString"'],
    ["y = sum(x, axes: [0], §axes: [0]): float32[3]", 'expected attribute "axes" once'],
    ["y = sum(axes: [0], §x): float32[3]", 'expected operand "x" before the attributes'],
    ["y = sum(x, axes: §0, keepDims: true): float32[3]", 'expected "[", found "0"'],
    ["y = sum(x, axes: [0], keepDims: §1): float32[3]", 'expected "true" or "false", found "1"'],
    ["y = cast(x, dtype: §float): float32[2, 3]", "expected a dtype"],
    ["output §y", 'no node before this is called "y"'],
    ["output x output §x = w", 'an output before this is called "x" too'],
    ["output y = §z", 'no node before this is called "z"'],
    ["update §x = x", "Only parameters can be updated, not x = input(): float32[2, 3]."],
    ["update §v = x", 'no node before this is called "v"'],
    ["update w = §v", 'no node before this is called "v"'],
    [
      "update §w = x",
      "The update of w = parameter(): float32[3] must be float32[3], not x = input(): float32[2, 3].",
    ],
    ["update w = w update §w = w", "w = parameter(): float32[3] is updated twice."],
    ['§y = input(name: "v", dtype: float32, shape: []): float32[]', 'the name of this input must be "v"'],
    ['v = §input(name: "a b", dtype: float32, shape: []): float32[]', '"a b" is not a name'],
  ])("%j", (statement, message) => expect(refusal(around(statement)).message).toContain(message));

  test.each([
    ["count: §1.5", 'expected an integer, found "1.5"'],
    ["scale: §true", 'expected a number, found "true"'],
    ['"the text": §text', 'expected a string in quotes, found "text"'],
    ["weights: [0, §-]", "expected a name, a number, a string"],
    ["sizes: [0, §Infinity]", 'expected an integer, found "Infinity"'],
  ])("attributes of an op of the caller's: %s", (attribute, message) => {
    expect(refusal(around(`y = probe(x, ${attribute}): float32[2, 3]`), [probe]).message).toContain(message);
  });
});

test("columns count from the last line break, whatever precedes it", () => {
  expect(refusal("graph {\r\n\tinput x: float32[]\r\n\n\toutput §z\r\n}").message).toMatch(
    /^line 4, column 9: /,
  );
});

test("two ops of one name are the caller's mistake, not the text's", () => {
  expect(() => parseGraph("", { ops: [{ ...probe, name: "relu" }] })).toThrow(NameError);
});
