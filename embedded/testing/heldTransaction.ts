import { AsyncLocalStorage } from "node:async_hooks";
import { mutationGeneric, queryGeneric } from "convex/server";
import type { GenericMutationCtx } from "convex/server";
import { jsonToConvex } from "convex/values";
import type { JSONValue } from "convex/values";
import type { Core } from "../core.ts";
import type { Transaction } from "../database/types.ts";
import type { FileStore } from "../files/fileStore.ts";
import { storeFile } from "../files/storeFile.ts";
import { findFile } from "../files/syscalls.ts";
import { Execution } from "../functions/execution.ts";
import { FunctionRun } from "../functions/run.ts";
import { answerSyscall } from "../functions/syscalls.ts";
import type { FunctionAddress, FunctionResult, Identity } from "../functions/types.ts";
import type { Log } from "../log.ts";
import { withConvex, withoutConvex } from "./convexGlobal.ts";
import type { ConvexGlobal } from "./convexGlobal.ts";
import { restoreErrorData } from "./results.ts";

/** What test code names itself in messages. */
const INLINE: FunctionAddress = { component: "", path: "test:inline" };

type Kind = "query" | "mutation";
type Handler = (ctx: GenericMutationCtx<never>) => unknown;

/** The transaction that this flow of test code is in, and whose backend's it is. */
const held = new AsyncLocalStorage<{ core: Core; run: FunctionRun }>();

/**
 * Runs test code as a query or mutation of the app: over one transaction, which is committed when it ends and rolled
 * back if it throws. It may await anything; whoever else wants to run waits.
 */
export async function runInTransaction(
  { core, fileStore, log }: { core: Core; fileStore: FileStore; log: Log },
  kind: Kind,
  identity: Identity | null,
  handler: Handler,
): Promise<unknown> {
  const joined = held.getStore();
  if (joined?.core === core) return invoke(joined.run, fileStore, kind, handler);
  return core.engine.hold((transaction) => {
    const execution = new Execution(identity);
    const run = new FunctionRun(execution, transaction, core.executor, INLINE, kind, "[{}]", 0, null);
    return held
      .run({ core, run }, () => invoke(run, fileStore, kind, handler))
      .finally(() => {
        for (const line of execution.logLines) log.functionLine(INLINE.path, line);
      });
  });
}

/**
 * A call of test code that is itself in a transaction runs inside of that, like `ctx.runQuery` would, since outside it
 * would wait for ever. `null` if there is none.
 */
export function callInTransaction(
  core: Core,
  kind: Kind,
  address: FunctionAddress,
  args: JSONValue,
): FunctionResult | null {
  const joined = held.getStore();
  if (joined?.core !== core) return null;
  const { execution, transaction } = joined.run;
  return withoutConvex(() => core.executor.runNested(execution, { address, args, kind, transaction }, 1));
}

async function invoke(
  run: FunctionRun,
  fileStore: FileStore,
  kind: Kind,
  handler: Handler,
): Promise<unknown> {
  const withStorage: Handler = (ctx) =>
    handler({ ...ctx, storage: storageOf(ctx, run, fileStore) as GenericMutationCtx<never>["storage"] });
  try {
    const text = await withConvex(convexOf(run), () =>
      kind === "query" ? asQuery(handler) : asMutation(withStorage),
    );
    return jsonToConvex(JSON.parse(text) as JSONValue);
  } catch (error) {
    throw restoreErrorData(error);
  }
}

/** What the builders of `convex/server` return can be invoked as the backend does it. */
function asMutation(handler: Handler): Promise<string> {
  const mutation = mutationGeneric({ handler: (ctx) => handler(ctx as never) }) as unknown as {
    invokeMutation: (argsJson: string) => Promise<string>;
  };
  return mutation.invokeMutation("[{}]");
}

function asQuery(handler: Handler): Promise<string> {
  const query = queryGeneric({ handler: (ctx) => handler(ctx as never) }) as unknown as {
    invokeQuery: (argsJson: string) => Promise<string>;
  };
  return query.invokeQuery("[{}]");
}

function convexOf(run: FunctionRun): ConvexGlobal {
  const answer = (name: string, argsJson: string): string =>
    withoutConvex(() => answerSyscall(run, name, argsJson));
  return {
    syscall: answer,
    asyncSyscall: async (name, argsJson) => answer(name, argsJson),
    jsSyscall: (name) => {
      throw new Error(`${name} is only available in actions`);
    },
  };
}

/** Storage of mutations, and what only actions have: test code reads and stores bytes too. */
function storageOf(
  ctx: GenericMutationCtx<never>,
  { transaction }: FunctionRun,
  fileStore: FileStore,
): object {
  const component = INLINE.component;
  return {
    ...ctx.storage,
    store: async (blob: Blob, options?: { sha256?: string }) => {
      const body = [new Uint8Array(await blob.arrayBuffer())];
      const file = { body, contentType: blob.type || null, sha256: options?.sha256 ?? null };
      const transact = <T>(work: (tx: Transaction) => T): Promise<T> => Promise.resolve(work(transaction));
      return (await storeFile(fileStore, transact, file, () => component)) as never;
    },
    get: async (storageId: string) => {
      const file = findFile(transaction, component, storageId);
      if (file === null) return null;
      const chunks: Uint8Array[] = [];
      for await (const chunk of fileStore.read(file.uuid)) chunks.push(chunk);
      return new Blob(chunks as BlobPart[], file.contentType === null ? {} : { type: file.contentType });
    },
  };
}
