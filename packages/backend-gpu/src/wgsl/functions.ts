/** WGSL functions that expressions call, each with those it calls itself. A shader holds only what it uses. */

import { farQuotient, farthestNear, inverseTurn } from "@adjoint/core/kernel";

/** The digits of 1/(2π) by words, behind a byte of zeros: far arguments begin where some whole bits are missing. */
function digitWords(): string {
  const bytes = new DataView(new ArrayBuffer(32));
  for (const [at, byte] of inverseTurn.entries()) bytes.setUint8(at + 1, byte);
  return Array.from({ length: 8 }, (_, word) => `${bytes.getUint32(4 * word)}u`).join(", ");
}

const functions: Readonly<Record<string, string>> = {
  is_nan: `fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}`,
  /** Equal numbers differ at most in the sign of zero; of numbers without order one is NaN, and so is the sum. */
  min_f32: `fn min_f32(a: f32, b: f32) -> f32 {
  let equal = bitcast<f32>(bitcast<u32>(a) | bitcast<u32>(b));
  return select(select(select(a + b, equal, a == b), b, b < a), a, a < b);
}`,
  max_f32: `fn max_f32(a: f32, b: f32) -> f32 {
  let equal = bitcast<f32>(bitcast<u32>(a) & bitcast<u32>(b));
  return select(select(select(a + b, equal, a == b), b, a < b), a, b < a);
}`,
  div_i32: `fn div_i32(a: i32, b: i32) -> i32 {
  return select(a / select(b, 1i, b == 0i), 0i, b == 0i);
}`,
  div_u32: `fn div_u32(a: u32, b: u32) -> u32 {
  return select(a / select(b, 1u, b == 0u), 0u, b == 0u);
}`,
  rem_i32: `fn rem_i32(a: i32, b: i32) -> i32 {
  let divisor = select(b, 1i, b == 0i || b == -1i);
  return a - a / divisor * divisor;
}`,
  rem_u32: `fn rem_u32(a: u32, b: u32) -> u32 {
  return a % select(b, 1u, b == 0u);
}`,
  to_i32: `fn to_i32(x: f32) -> i32 {
  let inside = i32(clamp(x, -2147483648f, 2147483520f));
  return select(select(inside, 2147483647i, x >= 2147483648f), 0i, is_nan(x));
}`,
  to_u32: `fn to_u32(x: f32) -> u32 {
  let inside = u32(clamp(x, 0f, 4294967040f));
  return select(select(inside, 4294967295u, x >= 4294967296f), 0u, is_nan(x));
}`,
  ldexp_f32: `fn ldexp_f32(x: f32, n: f32) -> f32 {
  let whole = i32(clamp(n, -300f, 300f));
  let first = whole / 3i;
  let last = whole - 2i * first;
  let scale = bitcast<f32>((first + 127i) << 23u);
  return x * scale * scale * bitcast<f32>((last + 127i) << 23u);
}`,
  exponent_f32: `fn exponent_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  let normal = f32(i32(bits >> 23u) - 127i);
  let subnormal = f32(i32(firstLeadingBit(bits)) - 149i);
  let finite = select(normal, subnormal, bits < 0x00800000u);
  let unbounded = select(finite, bitcast<f32>(bits), bits >= 0x7f800000u);
  return select(unbounded, -bitcast<f32>(infinity_bits), bits == 0u);
}`,
  /** One bit of the quotient after the other: every difference is exact. */
  far_remainder_f32: `fn far_remainder_f32(a: f32, b: f32) -> f32 {
  var rest = abs(a);
  let divisor = abs(b);
  if (!(rest >= divisor * ${farQuotient}f && rest < bitcast<f32>(infinity_bits) && divisor > 0f)) {
    return 0f;
  }
  var multiple = divisor;
  var doublings = 0u;
  // Quotients are below 2^277, whatever a driver makes of subnormal numbers.
  for (; doublings < 277u && multiple + multiple <= rest; doublings++) {
    multiple += multiple;
  }
  for (var i = 0u; i <= doublings; i++) {
    rest -= select(0f, multiple, rest >= multiple);
    multiple *= 0.5f;
  }
  return rest;
}`,
  product_high: `fn product_high(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let left = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let right = (a & 0xffffu) * (b >> 16u) + (left & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (left >> 16u) + (right >> 16u);
}`,
  /** Payne and Hanek's reduction: 2^64 units are a turn. Whole bytes of the exponent move the digits, the rest of it the mantissa. */
  angle_f32: `fn angle_f32(x: f32, cosine: bool) -> f32 {
  let bits = bitcast<u32>(x);
  let magnitude = bits & 0x7fffffffu;
  if (magnitude <= bitcast<u32>(${farthestNear}f)) {
    return 0f;
  }
  if (magnitude >= 0x7f800000u) {
    return bitcast<f32>(nan_bits);
  }
  var digits = array<u32, 8>(${digitWords()});
  let at = (magnitude >> 23u) - 142u;
  let factor = ((bits & 0x7fffffu) | 0x800000u) << (at & 7u);
  var words: array<u32, 3>;
  for (var i = 0u; i < 3u; i++) {
    let first = (at >> 5u) + i;
    let shift = (at & 24u);
    words[i] = select((digits[first] << shift) | (digits[first + 1u] >> ((32u - shift) & 31u)), digits[first], shift == 0u);
  }
  let middle = factor * words[1];
  var low = middle + product_high(factor, words[2]);
  var high = factor * words[0] + product_high(factor, words[1]) + select(0u, 1u, low < middle);
  high += select(0u, 0x40000000u, cosine);
  let half = (high + 0x40000000u) & 0x80000000u;
  high ^= half;
  let negative = high & 0x80000000u;
  if (negative != 0u) {
    low = 0u - low;
    high = ~high + select(0u, 1u, low == 0u);
  }
  let angle = (f32(high) * 4294967296f + f32(low)) * ${(2 * Math.PI) / 2 ** 64}f;
  return bitcast<f32>(bitcast<u32>(angle) ^ half ^ negative ^ select(bits & 0x80000000u, 0u, cosine));
}`,
};

const variables: Readonly<Record<string, string>> = {
  nan_bits: "var<private> nan_bits: u32 = 0x7fc00000u;",
  infinity_bits: "var<private> infinity_bits: u32 = 0x7f800000u;",
};

/** The declarations that a body of WGSL needs, in an order of their own. */
export function declarationsFor(body: string): string {
  const needed = new Set<string>();
  const visit = (text: string): void => {
    for (const [name, code] of Object.entries(functions)) {
      if (needed.has(name) || !text.includes(`${name}(`)) continue;
      needed.add(name);
      visit(code);
    }
  };
  visit(body);
  const code = Object.entries(functions).flatMap(([name, text]) => (needed.has(name) ? [text] : []));
  const all = [body, ...code].join("\n");
  const global = Object.entries(variables).flatMap(([name, text]) => (all.includes(name) ? [text] : []));
  return [...global, ...code].join("\n");
}
