// GradBench's protocol: a JSON message a line, and a response with the same id to each. What a message asks for that this
// tool does not have is answered, not thrown. Source: https://github.com/gradbench/gradbench, "Protocol".

import { AdjointError } from "@adjoint/core";
import { InputError, type Json } from "./problem.js";
import type { Tool } from "./tool.js";

export type Response = { readonly [name: string]: Json };

type Fields = Readonly<Record<string, unknown>>;

/** The response to one line. @throws SyntaxError or InputError for what is no message. */
export async function respond(tool: Tool, line: string): Promise<Response> {
  const json: unknown = JSON.parse(line);
  if (typeof json !== "object" || json === null) throw new InputError("a message must be an object");
  const message: Fields = Object.fromEntries(Object.entries(json));
  const { id } = message;
  if (typeof id !== "number") throw new InputError("a message needs a number as its id");
  const { kind } = message;
  if (kind === "start") return { id, tool: "adjoint" };
  if (kind === "define") return defined(tool, id, text(message, "module"));
  return kind === "evaluate" ? evaluated(tool, id, message) : { id };
}

function defined(tool: Tool, id: number, module: string): Response {
  return tool.knows(module)
    ? { id, success: true }
    : { id, success: false, error: `there is no module ${module}` };
}

async function evaluated(tool: Tool, id: number, message: Fields): Promise<Response> {
  try {
    const { output, timings } = await tool.evaluate(
      text(message, "module"),
      text(message, "function"),
      message["input"],
    );
    return { id, success: true, output, timings: timings.map((timing) => ({ ...timing })) };
  } catch (error) {
    if (!(error instanceof InputError || error instanceof AdjointError)) throw error;
    return { id, success: false, error: error.message };
  }
}

function text(message: Fields, name: string): string {
  const value = message[name];
  if (typeof value !== "string") throw new InputError(`a message of this kind needs text as its ${name}`);
  return value;
}
