// Random numbers that are the same on every machine: integer arithmetic only, an independent stream for each use.
// Not for secrets, and not the generator that fills parameters.

/** What a stream is for, so that two uses of one seed never share numbers. */
export const purposes = { digits: 1, order: 2 } as const;

/** An endless sequence of random numbers, advanced by each call. */
export interface Random {
  /** 32 random bits, as an integer in 0 ..< 2³². */
  bits(): number;
  /** A number in low ..< high; 0 ..< 1 by default. */
  uniform(low?: number, high?: number): number;
  /** An integer in 0 ..< count, for 1 ≤ count ≤ 2³²; the bias is below count / 2³². */
  below(count: number): number;
  /** A bell-shaped number of mean 0 and variance 1 within ±3.46: the sum of the four bytes of one draw. */
  bell(): number;
}

/**
 * The `index`-th stream for a purpose, of the generator seeded with `seed`; all three are integers in 0 ..< 2³².
 *
 * xoshiro128** of Blackman and Vigna (https://prng.di.unimi.it). Its state is hashed from seed, purpose and index, so
 * that neighbors have nothing in common.
 */
export function random(seed: number, purpose: number, index: number): Random {
  const base = mix(mix(seed ^ golden) ^ purpose) + index;
  let a = mix(base + golden);
  let b = mix(base + 2 * golden);
  let c = mix(base + 3 * golden);
  let d = mix(base + 4 * golden);

  const bits = (): number => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };

  return {
    bits,
    uniform: (low = 0, high = 1) => low + (high - low) * (bits() / 2 ** 32),
    below: (count) => Math.floor((bits() / 2 ** 32) * count),
    bell: () => {
      const word = bits();
      const sum = (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24);
      return (sum - 510) / Math.sqrt((256 ** 2 - 1) / 3);
    },
  };
}

/** 2³² over the golden ratio: steps of it spread evenly. */
const golden = 0x9e3779b9;

/** The finalizer of MurmurHash3 (Austin Appleby, public domain): a bijection of 32 bits. */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
