// docs/ops.md: every op and composition of @adjoint/core with its signature, equation, adjoint rule, dtypes and number
// of cases, read off the sources, the catalogue and the table of cases.

import * as core from "@adjoint/core";
import { readCases } from "../catalogue/cases.mjs";
import { adjointRule, dtypesOf, kindOf, sample } from "../catalogue/describe.mjs";
import { readSources } from "../catalogue/source.mjs";

/** @typedef {import("@adjoint/core").Op} Op */
/** @typedef {import("../catalogue/cases.mjs").Case} Case */
/** @typedef {import("../catalogue/source.mjs").Entry} Entry */
/** @typedef {import("../catalogue/source.mjs").Source} Source */

export const path = "docs/ops.md";

/** @type {ReadonlyMap<string, unknown>} */
const exported = new Map(Object.entries(core));

/** LaTeX with operands by name in place of their braces. @param {Op} op */
function equation(op) {
  const names = [...op.operands, ...Object.keys(op.attributes)];
  return names.reduce(
    (text, name) => text.replaceAll(`{${name}}`, name.length > 1 ? `\\mathit{${name}}` : name),
    op.notation,
  );
}

/** @param {Entry} entry @param {readonly Case[]} cases */
function describe({ name, doc, parameters }, cases) {
  const build = exported.get(name);
  /** @type {Op | undefined} */
  const op = typeof build === "function" && "op" in build ? /** @type {Op} */ (build.op) : undefined;
  const count = `${cases.length} ${cases.length === 1 ? "case" : "cases"}`;
  const lines = [
    `### ${name}`,
    "",
    `\`${name}(${parameters ?? ""})\``,
    "",
    doc === "" ? (op?.doc ?? "") : doc,
    "",
  ];
  const node = op === undefined ? undefined : sample(op, cases);
  if (op === undefined || node === undefined) return [...lines, `${count}.`, ""];
  const rule = adjointRule(node);
  const facts = [
    `- equation: $${equation(op)}$`,
    rule === undefined
      ? "- not differentiable"
      : `- adjoints of ${rule.map((line) => `\`${line}\``).join(", ")}`,
    `- dtypes: ${dtypesOf(node).join(", ")}; lowered as ${kindOf(node)}; ${count}`,
  ];
  return [...lines, ...facts, ""];
}

/** @param {Source} source @param {Readonly<Record<string, readonly Case[]>>} table */
function family({ title, header, entries }, table) {
  const listed = entries.filter(({ name }) => exported.has(name) && Object.hasOwn(table, name));
  if (listed.length === 0) return [];
  return [
    `## ${title}`,
    "",
    header,
    "",
    ...listed.flatMap((entry) => describe(entry, table[entry.name] ?? [])),
  ];
}

/** @returns {Promise<string>} */
export async function generate() {
  const table = await readCases();
  const [ops, compositions] = [await readSources("ops"), await readSources("compositions")];
  const counted = Object.values(table).reduce((total, cases) => total + cases.length, 0);
  const names = [...exported].filter(([, value]) => typeof value === "function" && "op" in value).length;
  const lines = [
    "# Ops",
    "",
    "Generated from the sources by `npm run docs`; do not edit.",
    "",
    `${names} ops and ${Object.keys(table).length - names} compositions, checked by ${counted} cases: the value, the gradient and`,
    "the second derivative of each against independent code and finite differences, and every backend against the",
    "interpreter. In adjoint rules u is the adjoint of the result y; broadcast operands are summed back afterwards.",
    "",
    "# Primitive ops",
    "",
    ...ops.flatMap((source) => family(source, table)),
    "# Compositions",
    "",
    "Plain functions over ops: they differentiate, fuse and print as what they are made of.",
    "",
    ...compositions.flatMap((source) => family(source, table)),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}
