/** Breaks sides of equations that no page is wide enough for: between sides, then before the signs of a sum. It refuses to parse LaTeX. */

/** About as many letters as a line may show. */
const widest = 100;

/** Sides, each with its sign of equality, as lines. */
export function brokenUp(sides: readonly string[]): readonly string[] {
  const all = sides.join(" ");
  if (all === "" || width(all) <= widest) return all === "" ? [] : [all];
  return sides.flatMap((side) => (width(side) <= widest ? [side] : filled(summands(side))));
}

/** About how many letters LaTeX shows: fractions half as many as they hold. */
function width(latex: string): number {
  const shown = latex
    .replaceAll(/\\(?:frac|mathbf|mathbb|operatorname|text|left|right|quad)(?![a-z])/g, "")
    .replaceAll(/\\[A-Za-z]+/g, "x")
    .replaceAll(/[{}^_\s]/g, "");
  const fractions = latex.match(/\\frac/g)?.length ?? 0;
  return shown.length - 2 * fractions;
}

/** What stands between the signs of a sum that is in no brackets, each with the sign before it. */
function summands(side: string): readonly string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of side.matchAll(/\\left(?![a-z])|\\right(?![a-z])|[{}()[\]]| [+-] /g)) {
    if (/^(?:\\left|[{([])/.test(token)) depth += 1;
    else if (/^(?:\\right|[})\]])/.test(token)) depth -= 1;
    else if (depth === 0) {
      found.push(side.slice(start, index));
      start = index + 1;
    }
  }
  return [...found, side.slice(start)];
}

/** As many summands on each line as it has room for. */
function filled(parts: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && width(`${last} ${part}`) <= widest) lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(last === undefined ? part : `\\quad ${part}`);
  }
  return lines;
}
