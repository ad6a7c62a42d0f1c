// How the ten digits are written: for each, some ways of writing it, and for each way its pen strokes. Data only;
// nothing is drawn here.

/** One pen stroke: the pen passes through these points, rounding the corners of a curve and not of a line. */
export interface Stroke {
  readonly kind: "curve" | "line";
  /** From 0 to 1 across the box that holds the digit, x to the right, y down. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** One way of writing a digit. */
export type Glyph = readonly Stroke[];

const curve = (points: string): Stroke => ({ kind: "curve", points: parsed(points) });
const line = (points: string): Stroke => ({ kind: "line", points: parsed(points) });

/** The points in a text such as "50,0 50,100", given in hundredths of the box. */
function parsed(points: string): Stroke["points"] {
  return points.split(" ").map((point) => {
    const [x = Number.NaN, y = Number.NaN] = point.split(",").map((hundredths) => Number(hundredths) / 100);
    return [x, y];
  });
}

/** The ways of writing each digit, by digit. */
export const glyphs: readonly (readonly Glyph[])[] = [
  [
    [curve("50,0 15,15 2,50 15,85 50,100 85,85 98,50 85,15 50,0")],
    [curve("60,4 30,10 14,50 30,92 60,96 80,60 76,20 50,2 36,12")],
  ],
  [[line("50,0 50,100")], [line("22,24 55,0 55,100")], [line("25,20 52,0 52,100"), line("22,100 82,100")]],
  [
    [curve("8,22 30,2 70,2 90,25 70,55 35,80 5,100"), line("5,100 95,100")],
    [curve("10,20 40,0 78,10 80,40 50,75 20,97 6,85 25,76 55,92 95,95")],
    [line("8,6 88,4 8,98 95,96")],
  ],
  [
    [curve("10,12 45,0 82,12 80,36 40,48"), curve("40,48 85,58 92,82 50,100 5,88")],
    [line("10,3 85,3 42,40"), curve("42,40 85,52 90,84 50,100 5,90")],
  ],
  [
    [line("25,0 8,58 95,58"), line("72,15 68,100")],
    [line("66,100 66,0 4,68 96,68")],
    [curve("12,2 10,40 40,54 82,42"), line("85,2 82,100")],
  ],
  [
    [line("85,2 22,2 16,44"), curve("16,44 55,36 92,62 70,94 8,96")],
    [curve("90,4 50,2 25,10 20,36 55,48 86,66 66,95 8,94")],
  ],
  [
    [curve("78,4 36,22 8,60 20,94 62,98 90,74 68,50 30,56 12,76")],
    [curve("40,0 20,40 16,78 42,100 80,88 76,62 46,56 18,74")],
  ],
  [
    [line("6,4 92,4 36,100")],
    [line("8,3 92,3 40,100"), line("32,50 86,50")],
    [line("10,20 10,4"), curve("10,4 50,5 90,2 68,42 52,100")],
  ],
  [
    [curve("80,12 45,0 16,16 32,40 70,58 86,82 50,100 14,84 30,58 68,38 82,14")],
    [curve("50,0 18,12 20,38 50,48 80,36 80,10 50,0"), curve("50,48 10,60 10,90 50,100 90,88 88,60 50,48")],
  ],
  [
    [curve("84,22 56,2 16,14 14,42 50,54 84,24"), line("84,22 74,100")],
    [curve("82,16 50,0 14,20 24,48 62,48 84,20 86,60 62,96 16,92")],
  ],
];
