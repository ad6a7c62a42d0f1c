/** A small seeded generator of random numbers. It refuses to be cryptographic. */

/** Numbers in [0, 1) from a 32-bit seed: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4294967296;
  };
}
