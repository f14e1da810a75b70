/** `globalThis.Convex`, by which `convex/server` reaches the backend. */
import { rejectWithHostError, throwHostError } from "./errors.ts";
import type { IsolateHost } from "./host.ts";

export function installSyscalls(global: Record<string, unknown>, host: IsolateHost): void {
  global["Convex"] = {
    syscall: (op: string, argsJson: string): string => host.syscall(op, argsJson) ?? throwHostError(host),
    // The answer is there at once; only its promise has to be of this context.
    asyncSyscall: async (op: string, argsJson: string): Promise<string> =>
      host.syscall(op, argsJson) ?? rejectWithHostError(host),
    jsSyscall: (op: string): never => {
      throw new Error(
        `${op === "storage/storeBlob" || op === "storage/getBlob" ? "Storing and reading files" : op} ` +
          "is not possible in queries and mutations. Please consider using an action. " +
          "See https://docs.convex.dev/functions/actions for more details.",
      );
    },
  };
}
