/** Which loop the threads divide among them. It refuses to judge whether dividing pays. */

export interface Loop {
  readonly axis: number;
  /** Iterations. */
  readonly count: number;
}

/** The share of the time that all threads must work for a loop to be taken before better ones inside it. */
const enough = 0.9;

/** The outermost loop that divides well, or the one that divides best; undefined where none can be divided. */
export function chooseSplit(loops: readonly Loop[], threads: number): number | undefined {
  const balance = ({ count }: Loop): number => count / (threads * Math.ceil(count / threads));
  const good = loops.find((loop) => balance(loop) >= enough);
  if (good !== undefined) return good.axis;
  const most = Math.max(0, ...loops.map(balance));
  return most > 1 / threads ? loops.find((loop) => balance(loop) === most)?.axis : undefined;
}
