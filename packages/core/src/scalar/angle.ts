/**
 * Angles of arguments so large that taking away multiples of π in parts loses them: what the operations `sineAngle` and
 * `cosineAngle` mean, and the digits by which machines compute them. It refuses to reduce anything smaller.
 */

/** 2^16 π as a float32: larger arguments are far. */
export const farthestNear = 205887.421875;

/**
 * The first bytes of 1/(2π), as many as a float32 can need: in Payne and Hanek's reduction ("Radian reduction for
 * trigonometric functions", 1983) those before make whole turns, and those behind nothing.
 */
export const inverseTurn: readonly number[] = [
  0x28, 0xbe, 0x60, 0xdb, 0x93, 0x91, 0x05, 0x4a, 0x7f, 0x09, 0xd5, 0xf4, 0x7d, 0x4d, 0x37, 0x70, 0x36, 0xd8,
  0xa5, 0x66, 0x4f, 0x10, 0xe4, 0x10, 0x7f,
];

export function sineAngle(x: number): number {
  return Math.abs(x) <= farthestNear ? 0 : Math.atan2(Math.sin(x), Math.abs(Math.cos(x)));
}

export function cosineAngle(x: number): number {
  return Math.abs(x) <= farthestNear ? 0 : Math.atan2(Math.cos(x), Math.abs(Math.sin(x)));
}
