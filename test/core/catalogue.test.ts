// The catalogue holds every op that is exported as a function, under the name of the function.

import * as core from "@adjoint/core";
import { expect, test } from "vitest";

const functions = Object.entries(core).filter(([, value]) => typeof value === "function" && "op" in value);

test("every function of an op is in it under its own name", () => {
  expect(functions.length).toBeGreaterThan(40);
  expect([...core.catalogue.keys()].sort()).toEqual(functions.map(([name]) => name).sort());
  for (const [name, op] of core.catalogue) expect(op.name).toBe(name);
  for (const [name, value] of functions) expect(value).toHaveProperty("op", core.catalogue.get(name));
});

test("every op says what it is, what it takes and how it is written", () => {
  for (const op of core.catalogue.values()) {
    expect(op.doc, op.name).toMatch(/^[^\n]+\.$/);
    expect(op.notation, op.name).not.toBe("");
    expect(new Set(op.operands).size, op.name).toBe(op.operands.length);
    if (op.variadic) expect(op.operands, op.name).toHaveLength(1);
    const known = [...op.operands, ...Object.keys(op.attributes)];
    for (const [, braced = ""] of op.notation.matchAll(/(?<!\\)\{([A-Za-z]\w*)\}/g)) {
      if (/^[A-Za-z]\w*$/.test(braced) && !op.notation.includes(`\\operatorname{${braced}}`)) {
        expect(known, `${op.name}: ${op.notation}`).toContain(braced);
      }
    }
  }
});
