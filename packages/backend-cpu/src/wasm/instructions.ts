/**
 * The WebAssembly instructions that kernels use: name to opcode (WebAssembly Core Specification 2.0, appendix A.8,
 * with relaxed SIMD and threads as in 3.0). Opcodes of the vector prefix 0xfd are given with `vector`, those of 0xfc with
 * `saturating`, those of 0xfe with `atomic`. It refuses to encode.
 */

/** Opcodes above a byte carry their prefix in the high bits. */
const prefixed =
  (prefix: number) =>
  (code: number): number =>
    prefix * 0x10000 + code;
const vector = prefixed(0xfd);
const saturating = prefixed(0xfc);
const atomic = prefixed(0xfe);

/** Instructions without immediates. */
export const plain = {
  unreachable: 0x00,
  drop: 0x1a,
  select: 0x1b,

  "i32.eqz": 0x45,
  "i32.eq": 0x46,
  "i32.ne": 0x47,
  "i32.lt_s": 0x48,
  "i32.lt_u": 0x49,
  "i32.gt_s": 0x4a,
  "i32.gt_u": 0x4b,
  "i32.le_s": 0x4c,
  "i32.le_u": 0x4d,
  "i32.ge_u": 0x4f,
  "i64.eqz": 0x50,
  "f32.eq": 0x5b,
  "f32.ne": 0x5c,
  "f32.lt": 0x5d,
  "f32.le": 0x5f,
  "f64.eq": 0x61,
  "f64.ne": 0x62,
  "f64.lt": 0x63,
  "f64.le": 0x65,

  "i32.clz": 0x67,
  "i32.add": 0x6a,
  "i32.sub": 0x6b,
  "i32.mul": 0x6c,
  "i32.div_s": 0x6d,
  "i32.div_u": 0x6e,
  "i32.rem_s": 0x6f,
  "i32.rem_u": 0x70,
  "i32.and": 0x71,
  "i32.or": 0x72,
  "i32.xor": 0x73,
  "i32.shl": 0x74,
  "i32.shr_s": 0x75,
  "i32.shr_u": 0x76,
  "i64.clz": 0x79,
  "i64.add": 0x7c,
  "i64.mul": 0x7e,
  "i64.xor": 0x85,
  "i64.shl": 0x86,
  "i64.shr_u": 0x88,

  "f32.abs": 0x8b,
  "f32.neg": 0x8c,
  "f32.ceil": 0x8d,
  "f32.floor": 0x8e,
  "f32.trunc": 0x8f,
  "f32.nearest": 0x90,
  "f32.sqrt": 0x91,
  "f32.add": 0x92,
  "f32.sub": 0x93,
  "f32.mul": 0x94,
  "f32.div": 0x95,
  "f32.min": 0x96,
  "f32.max": 0x97,
  "f64.abs": 0x99,
  "f64.neg": 0x9a,
  "f64.ceil": 0x9b,
  "f64.floor": 0x9c,
  "f64.trunc": 0x9d,
  "f64.nearest": 0x9e,
  "f64.sqrt": 0x9f,
  "f64.add": 0xa0,
  "f64.sub": 0xa1,
  "f64.mul": 0xa2,
  "f64.div": 0xa3,
  "f64.min": 0xa4,
  "f64.max": 0xa5,

  "i32.wrap_i64": 0xa7,
  "i64.extend_i32_s": 0xac,
  "i64.extend_i32_u": 0xad,
  "f32.convert_i32_s": 0xb2,
  "f32.convert_i32_u": 0xb3,
  "f32.demote_f64": 0xb6,
  "f64.convert_i32_s": 0xb7,
  "f64.convert_i32_u": 0xb8,
  "f64.convert_i64_s": 0xb9,
  "f64.promote_f32": 0xbb,
  "i32.reinterpret_f32": 0xbc,
  "i64.reinterpret_f64": 0xbd,
  "f32.reinterpret_i32": 0xbe,
  "f64.reinterpret_i64": 0xbf,
  "i32.trunc_sat_f32_s": saturating(0),
  "i32.trunc_sat_f32_u": saturating(1),
  "i32.trunc_sat_f64_s": saturating(2),
  "i32.trunc_sat_f64_u": saturating(3),

  "i8x16.swizzle": vector(0x0e),
  "i8x16.splat": vector(0x0f),
  "i32x4.splat": vector(0x11),
  "f32x4.splat": vector(0x13),
  "f64x2.splat": vector(0x14),

  "i32x4.eq": vector(0x37),
  "i32x4.ne": vector(0x38),
  "i32x4.lt_s": vector(0x39),
  "i32x4.lt_u": vector(0x3a),
  "i32x4.le_s": vector(0x3d),
  "i32x4.le_u": vector(0x3e),
  "i32x4.ge_s": vector(0x3f),
  "f32x4.eq": vector(0x41),
  "f32x4.ne": vector(0x42),
  "f32x4.lt": vector(0x43),
  "f32x4.le": vector(0x45),
  "f64x2.eq": vector(0x47),
  "f64x2.ne": vector(0x48),
  "f64x2.lt": vector(0x49),
  "f64x2.le": vector(0x4b),
  "v128.not": vector(0x4d),
  "v128.and": vector(0x4e),
  "v128.or": vector(0x50),
  "v128.xor": vector(0x51),
  "v128.bitselect": vector(0x52),
  "v128.any_true": vector(0x53),

  "f32x4.demote_f64x2_zero": vector(0x5e),
  "f64x2.promote_low_f32x4": vector(0x5f),
  "f32x4.ceil": vector(0x67),
  "f32x4.floor": vector(0x68),
  "f32x4.trunc": vector(0x69),
  "f32x4.nearest": vector(0x6a),
  "f64x2.ceil": vector(0x74),
  "f64x2.floor": vector(0x75),
  "f64x2.trunc": vector(0x7a),
  "f64x2.nearest": vector(0x94),

  "i8x16.add": vector(0x6e),

  "i32x4.abs": vector(0xa0),
  "i32x4.neg": vector(0xa1),
  "i32x4.shl": vector(0xab),
  "i32x4.shr_s": vector(0xac),
  "i32x4.shr_u": vector(0xad),
  "i32x4.add": vector(0xae),
  "i32x4.sub": vector(0xb1),
  "i32x4.mul": vector(0xb5),
  "i32x4.min_s": vector(0xb6),
  "i32x4.min_u": vector(0xb7),
  "i32x4.max_s": vector(0xb8),
  "i32x4.max_u": vector(0xb9),
  "i64x2.extend_low_i32x4_s": vector(0xc7),
  "i64x2.extend_high_i32x4_s": vector(0xc8),
  "i64x2.shl": vector(0xcb),
  "i64x2.shr_u": vector(0xcd),

  "f32x4.abs": vector(0xe0),
  "f32x4.neg": vector(0xe1),
  "f32x4.sqrt": vector(0xe3),
  "f32x4.add": vector(0xe4),
  "f32x4.sub": vector(0xe5),
  "f32x4.mul": vector(0xe6),
  "f32x4.div": vector(0xe7),
  "f32x4.min": vector(0xe8),
  "f32x4.max": vector(0xe9),
  "f32x4.pmin": vector(0xea),
  "f32x4.pmax": vector(0xeb),
  "f64x2.abs": vector(0xec),
  "f64x2.neg": vector(0xed),
  "f64x2.sqrt": vector(0xef),
  "f64x2.add": vector(0xf0),
  "f64x2.sub": vector(0xf1),
  "f64x2.mul": vector(0xf2),
  "f64x2.div": vector(0xf3),
  "f64x2.min": vector(0xf4),
  "f64x2.max": vector(0xf5),
  "f64x2.pmin": vector(0xf6),
  "f64x2.pmax": vector(0xf7),

  "i32x4.trunc_sat_f32x4_s": vector(0xf8),
  "i32x4.trunc_sat_f32x4_u": vector(0xf9),
  "f32x4.convert_i32x4_s": vector(0xfa),
  "f32x4.convert_i32x4_u": vector(0xfb),
  "i32x4.trunc_sat_f64x2_s_zero": vector(0xfc),
  "i32x4.trunc_sat_f64x2_u_zero": vector(0xfd),
  "f64x2.convert_low_i32x4_s": vector(0xfe),
  "f64x2.convert_low_i32x4_u": vector(0xff),

  "f32x4.relaxed_madd": vector(0x105),
  "f64x2.relaxed_madd": vector(0x107),
} as const satisfies Record<string, number>;

/** Instructions with a lane number. */
export const lanes = {
  "i32x4.extract_lane": vector(0x1b),
  "i32x4.replace_lane": vector(0x1c),
  "f32x4.extract_lane": vector(0x1f),
  "f32x4.replace_lane": vector(0x20),
  "f64x2.extract_lane": vector(0x21),
  "f64x2.replace_lane": vector(0x22),
} as const satisfies Record<string, number>;

interface MemoryInstruction {
  readonly code: number;
  /** Logarithm of the natural alignment in bytes. */
  readonly align: number;
}

/** Loads and stores with an offset. */
export const accesses = {
  "i32.load": { code: 0x28, align: 2 },
  "f32.load": { code: 0x2a, align: 2 },
  "f64.load": { code: 0x2b, align: 3 },
  "i32.store": { code: 0x36, align: 2 },
  "f32.store": { code: 0x38, align: 2 },
  "f64.store": { code: 0x39, align: 3 },
  "v128.load": { code: vector(0x00), align: 2 },
  "v128.load32_splat": { code: vector(0x09), align: 2 },
  "v128.load64_splat": { code: vector(0x0a), align: 3 },
  "v128.load32_zero": { code: vector(0x5c), align: 2 },
  "v128.load64_zero": { code: vector(0x5d), align: 2 },
  "v128.store": { code: vector(0x0b), align: 2 },
} as const satisfies Record<string, MemoryInstruction>;

/** Accesses of shared words, with an offset. */
export const atomics = {
  "memory.atomic.notify": { code: atomic(0x00), align: 2 },
  "memory.atomic.wait32": { code: atomic(0x01), align: 2 },
  "i32.atomic.load": { code: atomic(0x10), align: 2 },
  "i32.atomic.store": { code: atomic(0x17), align: 2 },
  "i32.atomic.rmw.add": { code: atomic(0x1e), align: 2 },
} as const satisfies Record<string, MemoryInstruction>;

/** Loads and stores of one lane, with an offset and a lane number. */
export const laneAccesses = {
  "v128.load32_lane": { code: vector(0x56), align: 2 },
  "v128.load64_lane": { code: vector(0x57), align: 2 },
  "v128.store32_lane": { code: vector(0x5a), align: 2 },
  "v128.store64_lane": { code: vector(0x5b), align: 2 },
} as const satisfies Record<string, MemoryInstruction>;

export type Plain = keyof typeof plain;
export type LaneInstruction = keyof typeof lanes;
export type Atomic = keyof typeof atomics;
export type Access = keyof typeof accesses;
export type LaneAccess = keyof typeof laneAccesses;
