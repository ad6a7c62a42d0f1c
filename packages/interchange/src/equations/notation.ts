/** Fills the LaTeX templates that ops carry. It refuses to know any op. */

import type { AttributeValue, Node } from "@adjoint/core";
import { number } from "./number.js";
import { printAtom, printTerm, raisable } from "./print.js";
import { escaped } from "./symbol.js";
import type { Term } from "./term.js";

/** The notation of a node's op with its operands; parentheses where the template has none around an operand. */
export function fill(node: Node, operands: readonly Term[]): string {
  const { op, attributes } = node;
  return op.notation.replaceAll(/\{([A-Za-z]\w*)\}/g, (match, name: string, offset: number) => {
    const enclosed =
      /[{([|,;]\s*$/.test(op.notation.slice(0, offset)) &&
      /^\s*[})\]|,;]/.test(op.notation.slice(offset + match.length));
    const position = op.operands.indexOf(name);
    const first = operands[position];
    if (first !== undefined) {
      const shown = op.variadic ? operands.map(printTerm).join(";\\, ") : undefined;
      const atom = op.notation.startsWith("^", offset + match.length)
        ? raisable(printAtom(first))
        : printAtom(first);
      return shown ?? (enclosed ? printTerm(first) : atom);
    }
    const value = attributes[name];
    return value === undefined || !Object.hasOwn(op.attributes, name) ? match : attribute(value);
  });
}

function attribute(value: AttributeValue): string {
  if (typeof value === "number") return number(value);
  if (typeof value === "string" || typeof value === "boolean") return `\\text{${escaped(String(value))}}`;
  return Array.isArray(value) ? `[${value.map(number).join(", ")}]` : "\\cdot";
}

/** Whether a notation needs no parentheses in a product: a function's value, or something in brackets. */
export function isAtomic(notation: string): boolean {
  return /^(\\operatorname\{[^}]*\}|\\?[A-Za-z]+)?'*(\([^()]*\)|\[[^[\]]*\]|\{[^+]*\})$/.test(notation);
}
