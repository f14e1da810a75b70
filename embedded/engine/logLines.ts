import type { FunctionCall } from "../functions/types.ts";
import type { Log } from "../log.ts";

/** Writes what a function has logged. */
export function logLines(log: Log, { address }: FunctionCall, lines: readonly string[]): void {
  for (const line of lines) log.functionLine(address.path, line);
}
