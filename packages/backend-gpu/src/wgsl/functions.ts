/** WGSL functions that expressions call, each with those it calls itself. A shader holds only what it uses. */

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
