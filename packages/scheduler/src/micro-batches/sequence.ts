/**
 * Declares the parts one after another: slices of inputs come after what is left of the part before. Only the order of
 * declaration changes, which the scheduler takes where it finds none that needs less memory.
 */

import { after, label, Node, withOperands } from "@adjoint/core";

/** What stands for each node beneath the roots when the slices, keys of `waits`, are declared after what they wait for. */
export function sequenced(roots: readonly Node[], waits: ReadonlyMap<Node, Node>): Map<Node, Node> {
  const done = new Map<Node, Node>();
  const entered = new Set<Node>();
  const stack: Node[] = [];
  const enter = (nodes: readonly Node[]): void => {
    for (const node of [...nodes].reverse()) if (!entered.has(node)) stack.push(node);
  };
  enter(roots);
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    const wait = waits.get(node);
    if (!entered.has(node)) {
      entered.add(node);
      enter(wait === undefined ? node.operands : [wait, ...node.operands]);
      continue;
    }
    stack.pop();
    if (done.has(node)) continue;
    const rebuilt = withOperands(
      node,
      node.operands.map((operand) => done.get(operand) ?? operand),
    );
    done.set(node, wait === undefined ? rebuilt : waiting(rebuilt, done.get(wait) ?? wait));
  }
  return done;
}

/** The slice takes its label along. */
function waiting(slice: Node, wait: Node): Node {
  const { op, operands, attributes, derivativeOrder } = slice;
  const later = after(new Node(op, operands, attributes, slice, undefined, derivativeOrder), [wait]);
  return new Node(later.op, later.operands, later.attributes, later, slice.label, derivativeOrder);
}

/** A node that comes after all of these, of which there is at least one. */
export function afterAll(nodes: readonly Node[], part: number): Node | undefined {
  const [first, ...others] = nodes;
  return first === undefined ? undefined : label(after(first, others), `part.${part}`);
}
