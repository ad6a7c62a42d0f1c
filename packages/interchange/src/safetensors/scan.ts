/** Scans the JSON that a header may hold, with the byte of whatever is wrong. It refuses all other JSON. */

import { firstInvalid } from "../utf8.js";
import { SafetensorsError } from "./format.js";

const [quote, backslash, zero, nine] = [0x22, 0x5c, 0x30, 0x39];
const blank = new Set([0x20, 0x09, 0x0a, 0x0d]);

export class Scanner {
  readonly #bytes: Uint8Array;
  #at: number;

  /** Bytes from `start` on. @throws SafetensorsError at the first byte that is not UTF-8. */
  constructor(bytes: Uint8Array, start: number) {
    const header = bytes.subarray(start);
    const wrong = firstInvalid(header);
    if (wrong !== undefined) throw new SafetensorsError("not UTF-8", { offset: start + wrong });
    this.#bytes = bytes;
    this.#at = start;
  }

  fail(problem: string, offset: number = this.#at): never {
    throw new SafetensorsError(problem, { offset });
  }

  /** The byte at which the next token begins. */
  position(): number {
    while (blank.has(this.#bytes[this.#at] ?? 0)) this.#at += 1;
    return this.#at;
  }

  /** Whether the next token is this character, which is then behind. */
  take(character: string): boolean {
    const found = this.#bytes[this.position()] === character.charCodeAt(0);
    if (found) this.#at += 1;
    return found;
  }

  expect(character: string): void {
    if (!this.take(character)) this.fail(`expected ${JSON.stringify(character)}`);
  }

  end(): void {
    if (this.position() < this.#bytes.length) this.fail("expected the end of the header");
  }

  string(): string {
    const start = this.position();
    if (this.#bytes[start] !== quote) this.fail("expected a string");
    let at = start + 1;
    while (at < this.#bytes.length && this.#bytes[at] !== quote) at += this.#bytes[at] === backslash ? 2 : 1;
    if (at >= this.#bytes.length) this.fail("a string without an end", start);
    this.#at = at + 1;
    const value = parsed(
      new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.#bytes.subarray(start, at + 1)),
    );
    if (value === undefined || /\p{Surrogate}/u.test(value)) return this.fail("not a string of JSON", start);
    return value;
  }

  /** A whole number that is not negative. */
  natural(): number {
    const start = this.position();
    let at = start;
    let value = 0;
    for (
      let digit = this.#bytes[at];
      digit !== undefined && digit >= zero && digit <= nine;
      digit = this.#bytes[at]
    ) {
      value = value * 10 + (digit - zero);
      at += 1;
      if (!Number.isSafeInteger(value)) this.fail("overflow: a number above 2^53", start);
    }
    if (at === start) this.fail("expected a whole number");
    if (at - start > 1 && this.#bytes[start] === zero) this.fail("a number with a leading zero", start);
    this.#at = at;
    return value;
  }

  naturals(): number[] {
    const values: number[] = [];
    this.expect("[");
    if (this.take("]")) return values;
    do values.push(this.natural());
    while (this.take(","));
    this.expect("]");
    return values;
  }

  /** Every entry of an object; a name that comes twice is refused. */
  entries(read: (name: string, offset: number) => void): void {
    const names = new Set<string>();
    this.expect("{");
    if (this.take("}")) return;
    do {
      const offset = this.position();
      const name = this.string();
      if (names.has(name)) this.fail(`the name ${JSON.stringify(name)} comes twice`, offset);
      names.add(name);
      this.expect(":");
      read(name, offset);
    } while (this.take(","));
    this.expect("}");
  }
}

function parsed(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
