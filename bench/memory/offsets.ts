// Offset assignment: the instances of a folder of CSV files (id,lower,upper,size), and generated ones. Prints one table.
// Run it as `node bench/dist/memory/offsets.js [folder] [seconds]`; the folder is ../shared/data/offsets by default.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assignOffsets, type LiveBuffer } from "@adjoint/scheduler";

interface Instance {
  readonly name: string;
  readonly buffers: readonly LiveBuffer[];
  /** Good enough: the file's name says that a packing of that height exists. */
  readonly capacity?: number;
}

function instanceOf(folder: string, file: string): Instance {
  const [header = "", ...rows] = readFileSync(`${folder}/${file}`, "utf8").trim().split("\n");
  const columns = header.split(",");
  const buffers = rows.map((row) => {
    const cells = row.split(",");
    const read = (name: string): number => Number(cells[columns.indexOf(name)]);
    return { lower: read("lower"), upper: read("upper"), size: read("size") };
  });
  const name = file.replace(/\.csv$/, "");
  const capacity = /\.(\d+)$/.exec(name)?.[1];
  return capacity === undefined ? { name, buffers } : { name, buffers, capacity: Number(capacity) };
}

/** One buffer a step, alive for up to `steps` steps, of 64 bytes to 64 kB. */
function shortLived(count: number, steps: number): Instance {
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const buffers = Array.from({ length: count }, (_, step) => ({
    lower: step,
    upper: step + 1 + Math.floor(steps * random()),
    size: 64 * (1 + Math.floor(1000 * random() ** 2)),
  }));
  return { name: `${count} short lifetimes`, buffers };
}

/** Forward activations that live until their mirror image in the backward pass, and short-lived gradients. */
function training(layers: number): Instance {
  const end = 2 * layers;
  const buffers = Array.from({ length: layers }, (_, layer) => {
    const size = 4096 * (1 + ((layer * 7919) % 97));
    const mirror = end - layer - 1;
    return [
      { lower: layer, upper: mirror + 1, size },
      { lower: layer, upper: layer + 2, size: 2 * size },
      { lower: mirror, upper: mirror + 3, size },
    ];
  });
  return { name: `training, ${layers} layers`, buffers: buffers.flat() };
}

/**
 * A rectangle of steps × addresses cut into pieces without a gap, so that its height is the optimum. Each piece is cut in two
 * along time or addresses, or as a pinwheel of five, which no sequence of cuts across gives.
 */
function tiled(pieces: number, seed: number): Instance {
  const [steps, height] = [4096, 1_048_576];
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + 1 + Math.floor((high - low - 1) * random());
  let tiles = [{ lower: 0, upper: steps, bottom: 0, top: height }];
  while (tiles.length < pieces) {
    // The largest of a few keeps sizes within some orders of magnitude of each other.
    const drawn = Array.from({ length: 4 }, () => tiles[Math.floor(tiles.length * random())]);
    const area = (tile = drawn[0]): number =>
      tile === undefined ? 0 : (tile.upper - tile.lower) * (tile.top - tile.bottom);
    const tile = drawn.reduce((a, b) => (area(a) >= area(b) ? a : b));
    if (tile === undefined || tile.upper - tile.lower < 4 || tile.top - tile.bottom < 4) continue;
    const { lower, upper, bottom, top } = tile;
    const shape = random();
    const [first, second] = [between(lower, upper - 1), between(bottom, top - 1)];
    const [later, higher] = [between(first, upper), between(second, top)];
    const parts =
      shape < 0.3
        ? [
            { lower, upper: first, bottom, top },
            { lower: first, upper, bottom, top },
          ]
        : shape < 0.6
          ? [
              { lower, upper, bottom, top: second },
              { lower, upper, bottom: second, top },
            ]
          : [
              { lower, upper: later, bottom, top: second },
              { lower: later, upper, bottom, top: higher },
              { lower: first, upper, bottom: higher, top },
              { lower, upper: first, bottom: second, top },
              { lower: first, upper: later, bottom: second, top: higher },
            ];
    tiles = [...tiles.filter((other) => other !== tile), ...parts];
  }
  const order = tiles.map((tile) => ({ tile, key: random() })).sort((a, b) => a.key - b.key);
  const buffers = order.map(({ tile }) => ({
    lower: tile.lower,
    upper: tile.upper,
    size: tile.top - tile.bottom,
  }));
  return { name: `${buffers.length} tiles, seed ${seed}`, buffers, capacity: height };
}

const [given, seconds] = process.argv.slice(2);
const folder = given ?? fileURLToPath(new URL("../../../../shared/data/offsets", import.meta.url));
const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".csv")) : [];
if (files.length === 0) console.error(`No instances in ${folder}: only generated ones.`);
const instances = [
  ...files.map((file) => instanceOf(folder, file)),
  ...[1_000, 10_000, 100_000].map((count) => shortLived(count, 40)),
  ...[300, 3_000, 30_000].map(training),
  ...[1, 2, 3].flatMap((seed) => [30, 100, 300].map((pieces) => tiled(pieces, seed))),
];

const columns = ["instance", "buffers", "max-live", "height", "ratio", "ms", "optimal"] as const;
console.log(
  `| ${columns.join(" | ")} |\n|${columns.map((name) => (name === "instance" ? "---" : "--:")).join("|")}|`,
);
for (const { name, buffers, capacity } of instances) {
  const start = performance.now();
  const { height, lowerBound, optimal } = assignOffsets({
    buffers,
    capacity,
    timeLimit: seconds === undefined ? undefined : Number(seconds),
  });
  const time = performance.now() - start;
  const ratio = (height / Math.max(lowerBound, 1)).toFixed(6);
  const verdict = optimal ? "proven" : capacity !== undefined && height <= capacity ? "fits" : "";
  console.log(
    `| ${[name, buffers.length, lowerBound, height, ratio, time.toFixed(0), verdict].join(" | ")} |`,
  );
}
