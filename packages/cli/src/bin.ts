/** The process of the command: its streams, its end, and its exit status. It refuses to know what commands do. */

import process from "node:process";
import { main } from "./main.js";

// A reader that has seen enough, such as `head`, closes the pipe.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`adjoint: the output cannot be written: ${error.message}\n`);
  process.exit(1);
});

process.exitCode = await main(process.argv.slice(2), process);
