/**
 * `globalThis.Convex`, through which the `convex/server` package reaches its backend, for test code that runs outside
 * of any function's context: each asynchronous flow has its own.
 */
import { AsyncLocalStorage } from "node:async_hooks";

export type ConvexGlobal = {
  syscall(name: string, argsJson: string): string;
  asyncSyscall(name: string, argsJson: string): Promise<string>;
  jsSyscall(name: string, args: Record<string, unknown>): unknown;
};

const current = new AsyncLocalStorage<ConvexGlobal>();

/** What anybody else puts there: the in-process action runtime, for its own runs. */
let others = (globalThis as { Convex?: unknown }).Convex;
Object.defineProperty(globalThis, "Convex", {
  configurable: true,
  get: () => current.getStore() ?? others,
  set: (value: unknown) => {
    others = value;
  },
});

/** Runs `work` with `convex` in place, also after its awaits. */
export function withConvex<T>(convex: ConvexGlobal, work: () => Promise<T>): Promise<T> {
  return current.run(convex, work);
}

/** Leaves test code: what functions run must not see what the test has put in place. */
export function withoutConvex<T>(work: () => T): T {
  return current.exit(work);
}
