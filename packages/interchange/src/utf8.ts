/** UTF-8 with the byte at which it stops being UTF-8. It refuses to guess at other encodings. */

import { ParseError } from "@adjoint/core";

/** The text of bytes; a byte order mark stays a character. @throws ParseError with the offset of the first wrong byte. */
export function decodeUtf8(bytes: Uint8Array): string {
  const wrong = firstInvalid(bytes);
  if (wrong !== undefined) throw new ParseError("not UTF-8", wrong);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** The offset of the first byte that no UTF-8 text can have there. */
export function firstInvalid(bytes: Uint8Array): number | undefined {
  const decodes = (length: number, whole: boolean): boolean => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length), { stream: !whole });
      return true;
    } catch {
      return false;
    }
  };
  if (decodes(bytes.length, true)) return undefined;
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (decodes(middle, false)) good = middle;
    else bad = middle;
  }
  return good;
}
