// What one thread of this machine can do at most: multiply-adds on registers alone, and copies between arrays. The module is
// written by hand, so that it owes nothing to what it is compared with.

/** Accumulators: two of 256 bits for each of the cycles that a multiply-add takes, and more. */
const chains = 20;
const iterations = 100_000;
const runs = 400;

function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

/** A function (times) that adds a · b to each accumulator so often, fused or not, and stores them. */
function spinning(fused: boolean): Uint8Array<ArrayBuffer> {
  const [a, b, first] = [1, 2, 4];
  const get = (local: number): number[] => [0x20, ...unsigned(local)];
  const set = (local: number): number[] => [0x21, ...unsigned(local)];
  const simd = (code: number): number[] => [0xfd, ...unsigned(code)];
  const all = Array.from({ length: chains }, (_, chain) => chain);
  const multiplyAdd = fused ? simd(0x105) : [];
  const step = all.flatMap((chain) => {
    const factors = [...get(a), ...get(b + (chain % 2))];
    const sum = get(first + chain);
    return fused
      ? [...factors, ...sum, ...multiplyAdd, ...set(first + chain)]
      : [...factors, ...simd(0xe6), ...sum, ...simd(0xe4), ...set(first + chain)];
  });
  const zero = [0x41, 0];
  const load = (code: number, offset: number): number[] => [...zero, ...simd(code), 2, ...unsigned(offset)];
  const body = [
    ...[1, ...unsigned(3 + chains), 0x7b],
    ...[...load(9, 0), ...set(a), ...load(0, 16), ...set(b), ...load(0, 32), ...set(b + 1)],
    ...[0x03, 0x40, ...step, ...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b],
    ...all.flatMap((chain) => [
      ...zero,
      ...get(first + chain),
      ...simd(11),
      2,
      ...unsigned(1024 + 16 * chain),
    ]),
    0x0b,
  ];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [1, 3, 0x72, 0x75, 0x6e, 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

/** GFLOP/s of multiply-adds that never leave the registers; 256 bits wide where the engine has been asked for that. */
export async function mostFlops(fused: boolean): Promise<number> {
  const { instance } = await WebAssembly.instantiate(spinning(fused));
  const run = instance.exports["run"];
  if (typeof run !== "function") throw new TypeError("The ceiling exports no function.");
  const seconds = await best(() => run(iterations));
  return (2 * 4 * chains * iterations) / seconds / 1e9;
}

/** GB/s, read and written, of a copy of so many bytes. */
export async function mostBytes(bytes: number): Promise<number> {
  const [from, to] = [new Float32Array(bytes / 4).fill(1), new Float32Array(bytes / 4)];
  return (2 * bytes) / (await best(() => to.set(from))) / 1e9;
}

async function best(work: () => void): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  const start = performance.now();
  for (let run = 0; run < runs && performance.now() - start < 1500; run++) {
    const before = performance.now();
    work();
    least = Math.min(least, performance.now() - before);
    // Lets the engine put optimized code in place.
    await new Promise((resolve) => setTimeout(resolve));
  }
  return least / 1000;
}
