/** Training that can be interrupted: saves checkpoints of a session in a folder, and goes on from them. It refuses to train. */

import type { Graph, ReadOptions } from "@adjoint/core";
import {
  type Backend,
  compile,
  type Folder,
  load,
  type ParameterStore,
  type Plan,
  type Session,
} from "@adjoint/scheduler";
import { type Checkpoint, checkpointChunks, readCheckpoint } from "./checkpoint.js";
import { readParameters, writeParameters } from "./parameters.js";

/** The name of the file. */
export const checkpointName = "checkpoint.safetensors";

export interface Training {
  readonly graph: Graph;
  /** The plan that trains: `session.plan`. */
  readonly plan: Plan;
  readonly session: ParameterStore;
  /** Steps done. */
  readonly step: number;
  readonly notes?: Readonly<Record<string, string>>;
}

/**
 * Puts a checkpoint in the place of the folder's last one. Killed at any instant, the folder has the last one or this one. The
 * session may go on meanwhile: what is saved is its state when this is called.
 */
export async function saveCheckpoint(folder: Folder, training: Training): Promise<void> {
  const { graph, plan, session, step, notes = {} } = training;
  const parameters = await readParameters(session, plan.parameters);
  await folder.write(checkpointName, checkpointChunks({ graph, plan, parameters, step, notes }));
}

/** The checkpoint of a folder; undefined where there is none. @throws as `readCheckpoint`. */
export async function loadCheckpoint(
  folder: Folder,
  options: ReadOptions = {},
): Promise<Checkpoint | undefined> {
  const chunks = await folder.read(checkpointName);
  return chunks === undefined ? undefined : readCheckpoint(chunks, options);
}

/**
 * A session in the state of a checkpoint. On the target that the checkpoint was made for, it gives the same bits as the session
 * that was saved would have given; for another target, or a plan that cannot be read, the graph is planned again.
 */
export async function resume(
  { graph, plan, parameters }: Checkpoint,
  options: { readonly backend: Backend; readonly signal?: AbortSignal },
): Promise<Session> {
  const planned = plan?.target === options.backend.target.name;
  const session: Session = planned ? await load(plan, options) : await compile(graph, options);
  try {
    await writeParameters(session, session.plan.parameters, parameters);
  } catch (error) {
    await session.dispose();
    throw error;
  }
  return session;
}
