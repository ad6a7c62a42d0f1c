/**
 * Threefry-2x32, 20 rounds: a counter-based generator (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 * The same key and counter give the same bits everywhere. It refuses to hold state.
 */

export const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;
export const parity = 0x1bd11bda;
export const rounds = 20;

const [a, b, c, d, e, f, g, h] = rotations;

/** The two output words for a key and a counter of two words each. */
export function threefry(key0: number, key1: number, counter0: number, counter1: number): [number, number] {
  // Neither lists, destructuring nor choices in the loop: millions of elements are drawn one by one.
  const last = rounds / 4;
  let k0 = key0 | 0;
  let k1 = key1 | 0;
  let k2 = (key0 ^ key1 ^ parity) | 0;
  let x0 = (counter0 + k0) | 0;
  let x1 = (counter1 + k1) | 0;
  for (let injection = 1; ; injection += 2) {
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, a) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, b) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, c) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, d) ^ x0;
    x0 = (x0 + k1) | 0;
    x1 = (x1 + k2 + injection) | 0;
    if (injection === last) return [x0 >>> 0, x1 >>> 0];
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, e) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, f) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, g) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, h) ^ x0;
    x0 = (x0 + k2) | 0;
    x1 = (x1 + k0 + injection + 1) | 0;
    const first = k0;
    k0 = k2;
    k2 = k1;
    k1 = first;
  }
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** A seed, any non-negative safe integer, as a key of two words. */
export function keyWords(seed: number): [number, number] {
  return [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
}

/** The index-th number of a seed's stream, uniform in [0, 1) with 53 random bits. */
export function uniformAt(seed: number, index: number): number {
  const words = threefry(seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, index, Math.floor(index / 2 ** 32));
  return ((words[0] >>> 5) * 2 ** 26 + (words[1] >>> 6)) / 2 ** 53;
}
