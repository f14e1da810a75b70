/**
 * Node.js keeps a stack of the asynchronous operations that are going on. While anybody in this thread watches those
 * (`AsyncLocalStorage` before Node.js 24, a debugger, a tracing agent), each promise reaction puts one on it and takes
 * it off at its end. One that is cut off never does, and Node.js then aborts the whole process: "async hook stack has
 * become corrupted".
 */
import { executionAsyncId } from "node:async_hooks";
import { readVariable } from "./nodeVariables.ts";

/** `popAsyncContext` in Node's `lib/internal/async_hooks.js`: is anything left below what it took off? */
type PopAsyncContext = (asyncId: number) => boolean;

/** Takes off whatever was left on the stack since `executionAsyncId()` was `asyncId`. */
export function restoreAsyncStack(asyncId: number): void {
  if (executionAsyncId() === asyncId) return;
  const pop = readVariable(executionAsyncId, "popAsyncContext");
  if (typeof pop !== "function") return;
  while (executionAsyncId() !== asyncId && (pop as PopAsyncContext)(executionAsyncId()));
}
