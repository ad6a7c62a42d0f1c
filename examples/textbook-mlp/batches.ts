// Deals shuffled digits out in batches of one size, as a static graph needs. Knows nothing of training.

import { type Digits, pixels } from "./dataset.js";
import { OptionError } from "./errors.js";
import { purposes, random } from "./random.js";

/** As many digits as the batch is large: x holds batch × 784 gray values, y batch labels. */
export interface Batch {
  readonly x: Float32Array;
  readonly y: Int32Array;
}

/** How many whole batches an epoch has. @throws OptionError when there is not even one. */
export function batchCount(digits: Digits, batch: number): number {
  const count = digits.labels.length;
  if (batch <= count) return Math.floor(count / batch);
  throw new OptionError("--batch", `${batch} is more than the ${count} digits to train with`);
}

/**
 * The batches of one epoch, each made when it is asked for, in fresh arrays. Seed and epoch fix the order; the digits
 * that do not fill a last batch are left out, others in each epoch.
 *
 * @throws OptionError at once, not at the first batch, when there are fewer digits than a batch takes.
 */
export function batches(
  digits: Digits,
  options: { readonly batch: number; readonly seed: number; readonly epoch: number },
): Generator<Batch, void, undefined> {
  const { batch, seed, epoch } = options;
  return deal(digits, batch, batchCount(digits, batch), shuffled(digits.labels.length, seed, epoch));
}

function* deal(
  { images, labels }: Digits,
  batch: number,
  count: number,
  order: Uint32Array,
): Generator<Batch, void, undefined> {
  for (let step = 0; step < count; step++) {
    const x = new Float32Array(batch * pixels);
    const y = new Int32Array(batch);
    for (let i = 0; i < batch; i++) {
      const digit = order[step * batch + i] ?? 0;
      x.set(images.subarray(digit * pixels, (digit + 1) * pixels), i * pixels);
      y[i] = labels[digit] ?? 0;
    }
    yield { x, y };
  }
}

/** The integers 0 ..< count in random order (Fisher and Yates, in Durstenfeld's form). */
function shuffled(count: number, seed: number, epoch: number): Uint32Array {
  const chance = random(seed, purposes.order, epoch);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let last = count - 1; last > 0; last--) {
    const other = chance.below(last + 1);
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}
