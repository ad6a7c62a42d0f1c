// A GradBench tool: messages on standard input, responses on standard output, float64 on the CPU. Prints nothing else.

import process from "node:process";
import { createInterface } from "node:readline";
import { cpu } from "@adjoint/backend-cpu";
import { problems } from "./problems.js";
import { respond } from "./protocol.js";
import { Tool } from "./tool.js";

const tool = new Tool(problems, cpu({ wide: true }));
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() !== "") process.stdout.write(`${JSON.stringify(await respond(tool, line))}\n`);
}
