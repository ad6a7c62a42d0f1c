/** Where an offset lies in a text, as people count. It refuses to know what the text means. */

/** `line 3, column 5`, both from 1; a column is a UTF-16 code unit. */
export function placeIn(text: string, offset: number): string {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf("\n"); end >= 0 && end < offset; end = text.indexOf("\n", start)) {
    line += 1;
    start = end + 1;
  }
  return `line ${line}, column ${offset - start + 1}`;
}
