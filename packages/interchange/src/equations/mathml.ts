/**
 * LaTeX as MathML that browsers show without a style sheet or fonts of their own. MathML Core knows neither the letter
 * variants nor the column alignments that KaTeX writes, so letters become the Unicode characters that they mean, and cells
 * say themselves how they are aligned. Source: https://www.w3.org/TR/mathml-core/. It refuses to lay equations out.
 */

import katex from "katex";

/** LaTeX of math mode as MathML. @throws an error of KaTeX for LaTeX that it does not know. */
export function latexToMathml(latex: string): string {
  const written = katex.renderToString(latex, {
    displayMode: true,
    output: "mathml",
    throwOnError: true,
    strict: "ignore",
  });
  return spaced(primed(aligned(lettered(written))));
}

interface Alphabet {
  readonly upper: number;
  readonly lower: number;
  readonly greekUpper?: number;
  readonly greekLower?: number;
  readonly digits?: number;
}

/** Code points of the first letters. Source: Unicode, Mathematical Alphanumeric Symbols. */
const alphabets: Readonly<Record<string, Alphabet>> = {
  bold: { upper: 0x1d400, lower: 0x1d41a, greekUpper: 0x1d6a8, greekLower: 0x1d6c2, digits: 0x1d7ce },
  "bold-italic": { upper: 0x1d468, lower: 0x1d482, greekUpper: 0x1d71c, greekLower: 0x1d736 },
  "double-struck": { upper: 0x1d538, lower: 0x1d552, digits: 0x1d7d8 },
};

/** Those that were in Unicode before the others. */
const doubleStruck: Readonly<Record<string, string>> = {
  C: "ℂ",
  H: "ℍ",
  N: "ℕ",
  P: "ℙ",
  Q: "ℚ",
  R: "ℝ",
  Z: "ℤ",
};

function lettered(mathml: string): string {
  return mathml.replaceAll(
    /<(m[a-z]+) mathvariant="([a-z-]+)">([^<]*)<\/\1>/g,
    (whole, tag: string, variant: string, text: string) => {
      const alphabet = alphabets[variant];
      if (alphabet === undefined) return whole;
      const early = variant === "double-struck" ? doubleStruck : {};
      return `<${tag}>${[...text].map((letter) => early[letter] ?? styled(letter, alphabet)).join("")}</${tag}>`;
    },
  );
}

function styled(letter: string, alphabet: Alphabet): string {
  const ranges: readonly (readonly [string, string, number | undefined])[] = [
    ["A", "Z", alphabet.upper],
    ["a", "z", alphabet.lower],
    ["Α", "Ω", alphabet.greekUpper],
    ["α", "ω", alphabet.greekLower],
    ["0", "9", alphabet.digits],
  ];
  const range = ranges.find(([first, last]) => first <= letter && letter <= last);
  const start = range?.[2];
  if (range === undefined || start === undefined) return letter;
  return String.fromCodePoint(start + (letter.codePointAt(0) ?? 0) - (range[0].codePointAt(0) ?? 0));
}

/** Cells of a table that is not in another. */
function aligned(mathml: string): string {
  return mathml.replaceAll(
    /(<mtable [^>]*columnalign="([a-z ]+)"[^>]*>)(.*?)(?=<\/mtable>)/gs,
    (_, open: string, columns: string, rows: string) => {
      const alignments = columns.split(" ");
      let column = 0;
      const cells = rows.replaceAll(/<mtr>|<mtd>/g, (tag) => {
        if (tag === "<mtr>") column = 0;
        return tag === "<mtr>" ? tag : `<mtd style="text-align: ${alignments[column++] ?? "left"}">`;
      });
      return `${open}${cells}`;
    },
  );
}

/** Primes stand beside what they belong to: fonts that have no small ones draw a dot above. */
function primed(mathml: string): string {
  return mathml.replaceAll(
    /<msup>(<mrow>(?:(?!<\/?mrow>).)*<\/mrow>|<mi[^>]*>[^<]*<\/mi>)(<mo [^>]*>[′″]+<\/mo>|<mrow>(?:<mo[^>]*>′<\/mo>)+<\/mrow>)<\/msup>/g,
    "<mrow>$1$2</mrow>",
  );
}

/** A thin space between a function and a name that it is applied to. */
function spaced(mathml: string): string {
  return mathml.replaceAll(/(<mo>\u2061<\/mo>)(?=<m(?:i|frac|msub|msup)[ >])/g, '$1<mspace width="0.17em"/>');
}
