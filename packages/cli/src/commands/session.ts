/** A session for whatever can run: a graph, a plan or a checkpoint. It refuses to run it. */

import { resume } from "@adjoint/interchange/checkpoint";
import type { AdjointDocument } from "@adjoint/interchange/document";
import { type Backend, compile, load, type Session } from "@adjoint/scheduler";

export type Runnable = Exclude<AdjointDocument, { readonly kind: "tensors" }>;

export async function sessionOf(document: Runnable, backend: Backend): Promise<Session> {
  switch (document.kind) {
    case "graph":
      return compile(document.graph, { backend });
    case "plan":
      return load(document.plan, { backend });
    case "checkpoint":
      return resume(document.checkpoint, { backend });
  }
}
