/** Training, step by step, with checkpoints on the way. It refuses to read options, files or data. */

import type { Graph } from "@adjoint/core";
import { type Folder, saveCheckpoint } from "@adjoint/interchange/checkpoint";
import type { Session, Tensor } from "@adjoint/scheduler";
import type { Dataset } from "../data/dataset.js";

export interface Training {
  readonly graph: Graph;
  readonly session: Session;
  readonly dataset: Dataset;
  readonly epochs: number;
  /** Steps done before. */
  readonly start: number;
  /** Where checkpoints go, if anywhere. */
  readonly folder: Folder | undefined;
  /** Steps between two checkpoints, besides one after every epoch. */
  readonly saveEvery: number | undefined;
  readonly notes: Readonly<Record<string, string>>;
}

export interface Observer {
  /** Whether to stop after this step. */
  stopping(): boolean;
  step(outputs: Readonly<Record<string, Tensor>>): void;
  /** After the last step of an epoch, counted from 1. */
  epoch(epoch: number, step: number): void;
}

/** Trains to the last epoch, or to where it is stopped; the steps done, all of them saved where there is a folder. */
export async function train(training: Training, observer: Observer): Promise<number> {
  const { session, dataset, epochs, start, saveEvery } = training;
  const { stepsPerEpoch } = dataset;
  const end = epochs * stepsPerEpoch;
  let saved = -1;
  const save = async (step: number): Promise<void> => {
    if (saved === step) return;
    await saveAt(step, training);
    saved = step;
  };
  let step = start;
  while (step < end && !observer.stopping()) {
    observer.step(await session.run(dataset.feeds(step)));
    step += 1;
    const isEpoch = step % stepsPerEpoch === 0;
    if (isEpoch) observer.epoch(step / stepsPerEpoch, step);
    if (isEpoch || (saveEvery !== undefined && step % saveEvery === 0)) await save(step);
  }
  await save(step);
  return step;
}

async function saveAt(step: number, { folder, graph, session, notes }: Training): Promise<void> {
  if (folder !== undefined) await saveCheckpoint(folder, { graph, plan: session.plan, session, step, notes });
}
