/** Compiled shaders of a device, one per text; not all there ever were: programs in use keep their own. */

import { VerificationError } from "@adjoint/core";
import type { Binding } from "../shader/memory.js";

export interface Compiled {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

const computeStage = 4;

/** Shaders that are kept for programs to come: those of several large ones. What was asked for least recently goes first. */
const kept = 1024;

export class Pipelines {
  readonly #device: GPUDevice;
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  /** By text; of a shader that is refused the reason, since every program has nodes of its own for it. */
  readonly #compiled = new Map<string, Promise<Compiled | string>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** @throws VerificationError that names `what`, the line of WGSL and what is wrong with it. */
  async compile(code: string, bindings: readonly Binding[], what: string): Promise<Compiled> {
    const compiling = this.#compiled.get(code) ?? this.#compile(code, this.#layout(bindings));
    // A map gives its keys in the order in which they came.
    this.#compiled.delete(code);
    this.#compiled.set(code, compiling);
    for (const oldest of this.#compiled.keys()) {
      if (this.#compiled.size <= kept) break;
      this.#compiled.delete(oldest);
    }
    const compiled = await compiling;
    if (typeof compiled !== "string") return compiled;
    throw new VerificationError(`The shader of ${what} is refused: ${compiled}`, what);
  }

  #layout(bindings: readonly Binding[]): GPUBindGroupLayout {
    const key = bindings.map(({ access }) => access).join();
    const known = this.#layouts.get(key);
    if (known !== undefined) return known;
    const layout = this.#device.createBindGroupLayout({
      entries: bindings.map(({ access }, binding) => ({
        binding,
        visibility: computeStage,
        buffer: { type: access === "read" ? "read-only-storage" : "storage" },
      })),
    });
    this.#layouts.set(key, layout);
    return layout;
  }

  /** The reason where the shader is refused. */
  async #compile(code: string, layout: GPUBindGroupLayout): Promise<Compiled | string> {
    const device = this.#device;
    // Both calls are in one scope, or the error of the module would be reported to nobody.
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ code });
    const pending = device
      .createComputePipelineAsync({
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: "main" },
      })
      .catch((error: unknown) => error);
    const scope = device.popErrorScope();
    const result: unknown = await pending;
    const problem = await scope;
    if (isPipeline(result) && problem === null) return { pipeline: result, layout };
    const reason = result instanceof Error ? result.message : (problem?.message ?? String(result));
    return describe(module, code, reason);
  }
}

function isPipeline(value: unknown): value is GPUComputePipeline {
  return (
    typeof value === "object" && value !== null && !(value instanceof Error) && "getBindGroupLayout" in value
  );
}

async function describe(module: GPUShaderModule, code: string, reason: string): Promise<string> {
  const { messages } = await module.getCompilationInfo();
  const error = messages.find(({ type }) => type === "error");
  if (error === undefined) return reason;
  const line = code.split("\n")[error.lineNum - 1] ?? "";
  return `${error.message} at line ${error.lineNum} of its WGSL: ${line.trim()}`;
}
