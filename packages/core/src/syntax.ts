/** JSON from untrusted text, with the offset at which it stops being JSON. It refuses to know what the values mean. */

import { ParseError } from "./errors.js";
import { placeIn } from "./place.js";

/**
 * The value that a JSON text holds.
 * @throws ParseError with offset, line and column of the first character that no JSON text can have there.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const offset = firstWrong(text);
    const found = offset < text.length ? String.fromCodePoint(text.codePointAt(offset) ?? 0) : undefined;
    const what = found === undefined ? "the text ends too early" : `${JSON.stringify(found)} is out of place`;
    throw new ParseError(`${placeIn(text, offset)}: not JSON: ${what}`, offset);
  }
}

const space = /[ \t\r\n]*/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const escaped = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

type Wanted = "value" | "name" | "colon" | "next";

/** What a bracket opens: how it ends, and what comes first in it. */
interface Bracket {
  readonly closer: string;
  readonly wanted: Wanted;
}

const brackets: ReadonlyMap<string | undefined, Bracket> = new Map([
  ["{", { closer: "}", wanted: "name" }],
  ["[", { closer: "]", wanted: "value" }],
]);

/** The offset of the first wrong character, or the length of a text that ends too early. Grammar: RFC 8259; nesting is no recursion. */
function firstWrong(text: string): number {
  const open: string[] = [];
  let wanted: Wanted = "value";
  let isFirst = false;
  let at = after(space, text, 0);
  for (; at < text.length; at = after(space, text, at)) {
    const character = text[at];
    const closer = open.at(-1);
    const mayClose: boolean = closer !== undefined && (wanted === "next" || isFirst);
    const opened: Bracket | undefined = wanted === "value" ? brackets.get(character) : undefined;
    if (mayClose && character === closer) {
      open.pop();
      wanted = "next";
      at += 1;
      isFirst = false;
    } else if (opened !== undefined) {
      open.push(opened.closer);
      wanted = opened.wanted;
      at += 1;
      isFirst = true;
    } else {
      const end = wanted === "next" ? separator(text, at, closer) : token(text, at, wanted);
      if (end.wrong) return end.at;
      wanted = following(wanted, closer);
      at = end.at;
      isFirst = false;
    }
  }
  return at;
}

interface End {
  readonly at: number;
  readonly wrong: boolean;
}

function following(wanted: Wanted, closer: string | undefined): Wanted {
  if (wanted === "next") return closer === "}" ? "name" : "value";
  if (wanted === "name") return "colon";
  return wanted === "colon" ? "value" : "next";
}

function separator(text: string, at: number, closer: string | undefined): End {
  const isComma = closer !== undefined && text[at] === ",";
  return { at: isComma ? at + 1 : at, wrong: !isComma };
}

/** The end of a value without parts, a name or a colon. */
function token(text: string, at: number, wanted: Wanted): End {
  if (wanted === "colon") return { at: text[at] === ":" ? at + 1 : at, wrong: text[at] !== ":" };
  if (text[at] === '"') return string(text, at);
  const end = wanted === "value" ? after(scalar, text, at) : at;
  return { at: end, wrong: end === at };
}

function string(text: string, start: number): End {
  for (let at = start + 1; at < text.length; ) {
    if (text[at] === '"') return { at: at + 1, wrong: false };
    const end = text[at] === "\\" ? after(escaped, text, at) : at + (text.charCodeAt(at) < 0x20 ? 0 : 1);
    if (end === at) return { at, wrong: true };
    at = end;
  }
  return { at: text.length, wrong: true };
}

/** Where a match that starts at an offset ends; the offset itself without one. */
function after(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}
