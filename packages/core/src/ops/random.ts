/** The counter-based generator as an elementwise op: the same key and counter give the same bits on every backend. */

import { AttributeError, DTypeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import { mapLoops } from "../lowering/loops.js";
import { parity, rotations, rounds } from "../random/threefry.js";
import * as s from "../scalar/build.js";
import { constant, type Scalar } from "../scalar/scalar.js";
import { inferElementwise } from "./elementwise.js";

/** Both output words, as random/threefry.ts computes them, of uint32 scalars. */
function threefryWords(
  key0: Scalar,
  key1: Scalar,
  counter0: Scalar,
  counter1: Scalar,
): readonly [Scalar, Scalar] {
  const keys = [key0, key1, s.xor(s.xor(key0, key1), parity)];
  const zero = constant(0, "uint32");
  let x0 = s.add(counter0, key0);
  let x1 = s.add(counter1, key1);
  for (let round = 0; round < rounds; round++) {
    const rotation = rotations[round % rotations.length] ?? 0;
    x0 = s.add(x0, x1);
    x1 = s.xor(s.or(s.shl(x1, rotation), s.shr(x1, 32 - rotation)), x0);
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x0 = s.add(x0, keys[injection % 3] ?? zero);
      x1 = s.add(s.add(x1, keys[(injection + 1) % 3] ?? zero), injection);
    }
  }
  return [x0, x1];
}

const threefryOp: Op = defineOp({
  name: "threefry",
  doc: "One of the two words that Threefry-2x32 with 20 rounds makes of a key and a counter of two words each.",
  operands: ["key0", "key1", "counter0", "counter1"],
  attributes: { word: "integer" },
  notation: "\\operatorname{threefry}({key0}, {key1}; {counter0}, {counter1})",
  infer: (operands, { word }) => {
    const type = inferElementwise(operands, "integer");
    if (type.dtype !== "uint32") throw new DTypeError(`keys and counters must be uint32, not ${type.dtype}`);
    if (word !== 0 && word !== 1) throw new AttributeError(`word must be 0 or 1, not ${word}`, "word");
    return type;
  },
  lower: (operands, { word }, output) => ({
    kind: "map",
    loops: mapLoops(operands, output, (key0, key1, counter0, counter1) => {
      const none = constant(0, "uint32");
      const [first, second] = threefryWords(key0 ?? none, key1 ?? none, counter0 ?? none, counter1 ?? none);
      return word === 0 ? first : second;
    }),
  }),
});

/**
 * Word 0 or 1 of Threefry-2x32 with 20 rounds, elementwise over uint32 operands that broadcast: a bijection of the counter
 * for each key. Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
export const threefry = opFunction(
  threefryOp,
  <Feeds extends string>(
    key: readonly [Node<Feeds>, Node<Feeds>],
    counter: readonly [Node<Feeds>, Node<Feeds>],
    word: 0 | 1 = 0,
  ): Node<Feeds> => createNode(threefryOp, [...key, ...counter], { word }),
);
