/** Makes equations that are wider than paper small enough for it: paper does not scroll. */

/** Pixels between the margins of A4, the narrowest paper that reports are made for. */
const paper = 680;

/** Pixels of a letter on paper: 7.5 pt, as the page's style says. */
const printed = 10;

/** Tells the style of each block of equations what to multiply its size by on paper. */
export function fitMath(root: ParentNode): void {
  for (const math of root.querySelectorAll(".math math")) {
    if (!(math instanceof MathMLElement)) continue;
    const size = Number.parseFloat(getComputedStyle(math).fontSize);
    const width = (math.getBoundingClientRect().width * printed) / size;
    math.style.setProperty("--fit", String(Math.min(1, paper / width)));
  }
}
