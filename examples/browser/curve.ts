// A long curve in little memory: when it has too many points, neighbors merge and each new point stands for more steps.

/** Columns of equal length, as charts take them. */
export type Columns = [steps: number[], losses: number[], trend: number[]];

/** Points beyond which neighbors merge; a chart is not so many pixels wide. */
const most = 2000;
/** How much of the trend remains after a step. */
const memory = 0.97;

/** The loss by step, with a trend: the running mean of recent steps. */
export class LossCurve {
  readonly columns: Columns = [[], [], []];
  #stride = 1;
  #steps = 0;
  #sum = 0;
  #weighted = 0;
  #weight = 0;

  /** How many losses were added. */
  get steps(): number {
    return this.#steps;
  }

  /** The mean of recent losses; NaN before the first. */
  get trend(): number {
    return this.#weighted / this.#weight;
  }

  add(loss: number): void {
    this.#weighted = memory * this.#weighted + (1 - memory) * loss;
    this.#weight = memory * this.#weight + (1 - memory);
    this.#sum += loss;
    this.#steps += 1;
    if (this.#steps % this.#stride !== 0) return;
    const [steps, losses, trend] = this.columns;
    steps.push(this.#steps);
    losses.push(this.#sum / this.#stride);
    trend.push(this.trend);
    this.#sum = 0;
    if (steps.length >= most) this.#merge();
  }

  clear(): void {
    for (const column of this.columns) column.length = 0;
    this.#stride = 1;
    this.#steps = this.#sum = this.#weighted = this.#weight = 0;
  }

  #merge(): void {
    const [steps, losses, trend] = this.columns;
    const half = Math.floor(steps.length / 2);
    for (let i = 0; i < half; i++) {
      steps[i] = steps[2 * i + 1] ?? 0;
      losses[i] = ((losses[2 * i] ?? 0) + (losses[2 * i + 1] ?? 0)) / 2;
      trend[i] = trend[2 * i + 1] ?? 0;
    }
    for (const column of this.columns) column.length = half;
    this.#stride *= 2;
  }
}
