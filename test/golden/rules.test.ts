/** Every rewrite rule fires in some golden file of `simplify`: a rule that nothing shows is a rule nobody tests. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseGraph } from "@adjoint/core";
import { type Rule, rewrite, simplifications } from "@adjoint/scheduler";
import { expect, it } from "vitest";

const folder = fileURLToPath(new URL("simplify/", import.meta.url));

it("every rule is shown by a golden file", () => {
  const fired = new Set<string>();
  const watched = simplifications.map(
    (rule): Rule => ({
      ...rule,
      apply: (node) => {
        const replacement = rule.apply(node);
        if (replacement !== undefined) fired.add(rule.name);
        return replacement;
      },
    }),
  );
  for (const file of readdirSync(folder)) {
    const text = readFileSync(`${folder}${file}`, "utf8").split("\n==>\n")[0] ?? "";
    rewrite(parseGraph(text.slice(text.indexOf("graph {"))), watched);
  }
  expect(simplifications.map(({ name }) => name).filter((name) => !fired.has(name))).toEqual([]);
});
