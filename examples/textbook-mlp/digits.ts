// Draws handwritten-looking digits, so that the example has data without any file. A digit is a glyph bent, sheared,
// turned, scaled, moved, inked with a pen of some width, sometimes crossed or rubbed out, and covered with noise. The
// same seed gives the same pixels on every machine. Not a font, and no substitute for real data.

import { type Digits, pixels, side } from "./dataset.js";
import { glyphs, type Stroke } from "./glyphs.js";
import { purposes, type Random, random } from "./random.js";

/** A pen's reach beyond its track, in pixels: half the widest line and half its soft edge. */
const reach = 3;

/**
 * What varies from digit to digit: a pair is the range of a uniform draw, in pixels, radians (turn), or shares of full
 * ink (ink, noise); bend is the spread of each point, in boxes; crossed and rubbed are the odds of one stray stroke of
 * the pen and of the rubber. Chosen so that a linear model gets about 86 % of them right and the network 96 %.
 */
const variety = {
  bend: 0.045,
  width: [8.5, 13.5],
  height: [14.5, 20],
  turn: [-0.28, 0.28],
  shear: [-0.3, 0.35],
  move: [-1.75, 1.75],
  pen: [0.7, 1.5],
  edge: [0.8, 1.8],
  ink: [0.7, 1],
  crossed: 0.2,
  rubbed: 0.2,
  noise: [0.02, 0.12],
} as const;

/**
 * Draws `count` digits; the digit at index i depends on the seed and i only, so a longer draw begins with a shorter one.
 *
 * @returns images: count × 784 gray values from 0 (paper) to 1 (ink) in steps of 1/255, row by row; labels: count
 * integers 0–9, each equally likely.
 */
export function drawDigits(options: { readonly count: number; readonly seed: number }): Digits {
  const { count, seed } = options;
  const images = new Float32Array(count * pixels);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const chance = random(seed, purposes.digits, i);
    const label = chance.below(glyphs.length);
    labels[i] = label;
    drawDigit(label, chance, images.subarray(i * pixels, (i + 1) * pixels));
  }
  return { images, labels };
}

function drawDigit(label: number, chance: Random, image: Float32Array): void {
  const ways = glyphs[label] ?? [];
  const glyph = ways[chance.below(ways.length)] ?? [];
  const place = placement(chance);
  const ink = distances();
  const pen = chance.uniform(...variety.pen);
  const edge = chance.uniform(...variety.edge);
  const shade = chance.uniform(...variety.ink);
  for (const stroke of glyph) trace(ink, track(stroke, chance).map(place));
  if (chance.uniform() < variety.crossed) trace(ink, straight(chance, 3, 9));
  const rubber = distances();
  if (chance.uniform() < variety.rubbed) trace(rubber, straight(chance, 6, 14));
  const noise = chance.uniform(...variety.noise);
  for (let i = 0; i < pixels; i++) {
    const covered = shade * coverage(ink[i] ?? 0, pen, edge) * (1 - coverage(rubber[i] ?? 0, 0.8, edge));
    const gray = Math.min(1, Math.max(0, covered + noise * chance.bell()));
    // Whole steps of 1/255, as in an image file, hide the last bits of sin and cos, in which engines may differ.
    image[i] = Math.round(gray * 255) / 255;
  }
}

type Point = readonly [x: number, y: number];

/** A random affine map from the glyph's box to pixels. */
function placement(chance: Random): (point: Point) => Point {
  const width = chance.uniform(...variety.width);
  const height = chance.uniform(...variety.height);
  const turn = chance.uniform(...variety.turn);
  const shear = chance.uniform(...variety.shear);
  const centerX = side / 2 + chance.uniform(...variety.move);
  const centerY = side / 2 + chance.uniform(...variety.move);
  const cos = Math.cos(turn);
  const sin = Math.sin(turn);
  return ([x, y]) => {
    const down = (y - 0.5) * height;
    const right = (x - 0.5) * width - down * shear;
    return [centerX + cos * right - sin * down, centerY + sin * right + cos * down];
  };
}

/** The points of a stroke, each moved a little, and for a curve the points between them. */
function track(stroke: Stroke, chance: Random): Point[] {
  const bent = stroke.points.map(
    ([x, y]): Point => [x + variety.bend * chance.bell(), y + variety.bend * chance.bell()],
  );
  return stroke.kind === "line" ? bent : rounded(bent);
}

/** The Catmull–Rom spline through the points, as short straight pieces. */
function rounded(points: readonly Point[]): Point[] {
  const pieces = 5;
  const between = (a: number, b: number, c: number, d: number, t: number): number =>
    b + (t / 2) * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  const path: Point[] = [];
  for (const [i, end] of points.entries()) {
    const start = points[i - 1];
    if (start === undefined) continue;
    const before = points[i - 2] ?? start;
    const after = points[i + 1] ?? end;
    for (let piece = 0; piece < pieces; piece++) {
      const t = piece / pieces;
      path.push([
        between(before[0], start[0], end[0], after[0], t),
        between(before[1], start[1], end[1], after[1], t),
      ]);
    }
  }
  path.push(...points.slice(-1));
  return path;
}

/** A straight stroke somewhere in the image, of a length in the given range. */
function straight(chance: Random, shortest: number, longest: number): Point[] {
  const x = chance.uniform(5, side - 5);
  const y = chance.uniform(5, side - 5);
  const turn = chance.uniform(0, Math.PI);
  const half = chance.uniform(shortest, longest) / 2;
  const across = half * Math.cos(turn);
  const down = half * Math.sin(turn);
  return [
    [x - across, y - down],
    [x + across, y + down],
  ];
}

/** For each pixel the squared distance to the nearest track so far: none yet. */
function distances(): Float64Array {
  return new Float64Array(pixels).fill(Number.POSITIVE_INFINITY);
}

/** Lowers the squared distances of the pixels near a track. */
function trace(nearest: Float64Array, path: readonly Point[]): void {
  for (const [i, [endX, endY]] of path.entries()) {
    const start = path[i - 1];
    if (start === undefined) continue;
    const [startX, startY] = start;
    const across = endX - startX;
    const down = endY - startY;
    const length = across * across + down * down;
    const left = Math.max(0, Math.ceil(Math.min(startX, endX) - reach));
    const right = Math.min(side - 1, Math.floor(Math.max(startX, endX) + reach));
    const top = Math.max(0, Math.ceil(Math.min(startY, endY) - reach));
    const bottom = Math.min(side - 1, Math.floor(Math.max(startY, endY) + reach));
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const along = length === 0 ? 0 : ((x - startX) * across + (y - startY) * down) / length;
        const nearby = Math.min(1, Math.max(0, along));
        const dx = x - startX - nearby * across;
        const dy = y - startY - nearby * down;
        const squared = dx * dx + dy * dy;
        const pixel = y * side + x;
        if (squared < (nearest[pixel] ?? 0)) nearest[pixel] = squared;
      }
    }
  }
}

/** How much of a pixel a pen of the given half width covers, 0 to 1, fading over `edge` pixels. */
function coverage(squaredDistance: number, halfWidth: number, edge: number): number {
  return Math.min(1, Math.max(0, (halfWidth - Math.sqrt(squaredDistance)) / edge + 0.5));
}
