/** Cuts text into tokens and says where one is not what was expected. It refuses to know the grammar. */

import { ParseError } from "../../errors.js";
import { placeIn } from "../../place.js";

export interface Token {
  readonly kind: "name" | "number" | "string" | "mark" | "end";
  /** As it stands in the text; of a string the characters that it stands for. */
  readonly text: string;
  /** Characters before it. */
  readonly offset: number;
}

const space = /(?:[ \t\r\n]+|\/\/[^\n]*)/y;
const name = /[A-Za-z_][\w.]*/y;
const number = /-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|Infinity)/y;
const mark = /[{}()[\]:,=@]/y;

/** A text read from left to right, one token ahead; `//` starts a comment. */
export class Scanner {
  readonly #text: string;
  #position = 0;
  #token: Token;

  /** @throws ParseError when the text does not start with a token. */
  constructor(text: string) {
    this.#text = text;
    this.#token = this.#scan();
  }

  /** The next token. */
  get token(): Token {
    return this.#token;
  }

  /** The next token, moving beyond it. */
  take(): Token {
    const token = this.#token;
    this.#token = this.#scan();
    return token;
  }

  /** Whether the next token is this mark or word. */
  sees(text: string): boolean {
    return this.#token.text === text && this.#token.kind !== "string";
  }

  /** Moves beyond a mark or word if it comes next. */
  skip(text: string): boolean {
    const seen = this.sees(text);
    if (seen) this.take();
    return seen;
  }

  /** Moves beyond a mark or word. @throws ParseError when something else comes next. */
  expect(text: string): Token {
    if (!this.sees(text)) this.fail(`expected "${text}"`);
    return this.take();
  }

  /** Moves beyond a name, bare or quoted. @throws ParseError saying what the name was expected to be of. */
  name(what: string): Token {
    const { kind } = this.#token;
    if (kind !== "name" && kind !== "string") this.fail(`expected ${what}`);
    return this.take();
  }

  /** @throws ParseError that adds what was found to what was expected. */
  fail(expected: string, { kind, text, offset }: Token = this.#token): never {
    const found =
      kind === "end" ? "the end of the text" : kind === "string" ? `string ${quote(text)}` : quote(text);
    return this.refuse(`${expected}, found ${found}`, offset);
  }

  /** @throws ParseError with line and column. */
  refuse(message: string, offset: number): never {
    throw new ParseError(`${placeIn(this.#text, offset)}: ${message}`, offset);
  }

  #scan(): Token {
    while (this.#match(space) !== undefined);
    const offset = this.#position;
    if (offset >= this.#text.length) return { kind: "end", text: "", offset };
    for (const [kind, pattern] of [
      ["name", name],
      ["number", number],
      ["mark", mark],
    ] as const) {
      const text = this.#match(pattern);
      if (text !== undefined) return { kind, text, offset };
    }
    if (this.#text[offset] === '"') return { kind: "string", text: this.#string(offset), offset };
    const character = String.fromCodePoint(this.#text.codePointAt(offset) ?? 0);
    return this.refuse(
      `expected a name, a number, a string or one of {}()[]:,=@, found ${quote(character)}`,
      offset,
    );
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const text = pattern.exec(this.#text)?.[0];
    if (text !== undefined) this.#position += text.length;
    return text;
  }

  #string(offset: number): string {
    let end = offset + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === "\\" ? 2 : 1;
    if (end >= this.#text.length) this.refuse(`expected a closing " of the string that starts here`, offset);
    this.#position = end + 1;
    const value = unquote(this.#text.slice(offset, end + 1));
    return (
      value ?? this.refuse("expected a string as JSON writes it (line breaks and quotes escaped)", offset)
    );
  }
}

function unquote(text: string): string | undefined {
  try {
    return String(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function quote(text: string): string {
  const shown = JSON.stringify(text);
  return shown.length > 40 ? `${shown.slice(0, 40)}…"` : shown;
}
