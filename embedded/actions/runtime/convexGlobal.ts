/**
 * `globalThis.Convex` as the `convex/server` package expects it in an action: what it asks for is passed on to the
 * host of the run that asks.
 */
import { currentRun, type Run } from "./run.ts";

export type ConvexGlobal = {
  syscall(name: string, args: string): string;
  asyncSyscall(name: string, args: string): Promise<string>;
  jsSyscall(name: string, args: Record<string, unknown>): unknown;
};

/** Syscalls that exist for one kind of action only, such as HTTP actions. Returns `undefined` for any other. */
export type JsSyscall = (name: string, args: Record<string, unknown>) => unknown;

const jsSyscallsOfRuns = new WeakMap<Run, JsSyscall>();

export function addJsSyscalls(run: Run, jsSyscall: JsSyscall): void {
  jsSyscallsOfRuns.set(run, jsSyscall);
}

export const convexGlobal: ConvexGlobal = {
  syscall(name) {
    runOfCaller();
    throw new Error(
      `Unknown operation ${name}: an action reads and writes through ctx.runQuery and ctx.runMutation`,
    );
  },
  async asyncSyscall(name, args) {
    const run = runOfCaller();
    if (name === "1.0/getUserIdentity") return run.identity ?? "null";
    return (await call(run, name, args)).value;
  },
  jsSyscall(name, args) {
    const run = runOfCaller();
    switch (name) {
      case "storage/storeBlob":
        return storeBlob(run, args);
      case "storage/getBlob":
        return getBlob(run, args);
      default: {
        const result = jsSyscallsOfRuns.get(run)?.(name, args);
        if (result === undefined) throw new Error(`Unknown JS syscall: ${name}`);
        return result;
      }
    }
  },
};

function runOfCaller(): Run {
  const run = currentRun.getStore();
  if (!run) throw new Error("Convex functions can only be called while an action is running");
  return run;
}

async function call(
  run: Run,
  name: string,
  args: string,
  bytes?: Uint8Array,
): Promise<{ value: string; bytes?: Uint8Array }> {
  const result = await run.syscall(name, args, bytes);
  if (result.ok) return result;
  const error: Error & { data?: unknown } = new Error(result.message);
  // `convex/server` turns it back into a ConvexError.
  if (result.data !== undefined) error.data = JSON.parse(result.data);
  throw error;
}

async function storeBlob(run: Run, args: Record<string, unknown>): Promise<string> {
  const { blob, options } = args as { blob: unknown; options?: { sha256?: string } };
  if (!(blob instanceof Blob)) {
    throw new Error(
      "store() expects a Blob. If you are trying to store a Request, `await request.blob()` will give you the correct input.",
    );
  }
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const request = JSON.stringify({ contentType: blob.type, sha256: options?.sha256 });
  return JSON.parse((await call(run, "storage/storeBlob", request, bytes)).value) as string;
}

async function getBlob(run: Run, { storageId }: Record<string, unknown>): Promise<Blob | null> {
  const { value, bytes } = await call(run, "storage/getBlob", JSON.stringify({ storageId }));
  if (bytes === undefined) return null;
  const { contentType } = JSON.parse(value) as { contentType: string | null };
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: contentType ?? "" });
}
