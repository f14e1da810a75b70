import { actionGeneric } from "convex/server";
import type { GenericActionCtx } from "convex/server";
import { ConvexError, jsonToConvex } from "convex/values";
import type { JSONValue, Value } from "convex/values";
import { performActionSyscall } from "../actions/actionSyscalls.ts";
import type { ActionCaller } from "../actions/actionSyscalls.ts";
import type { SyscallResult } from "../actions/protocol.ts";
import type { Core } from "../core.ts";
import type { FileStore } from "../files/fileStore.ts";
import { newRequestId } from "../functions/failures.ts";
import type { Identity } from "../functions/types.ts";
import type { Log } from "../log.ts";
import { withConvex } from "./convexGlobal.ts";
import type { ConvexGlobal } from "./convexGlobal.ts";
import { restoreErrorData } from "./results.ts";

type Parts = { core: Core; fileStore: FileStore; origin: string; log: Log };

/** Runs test code as an action of the app: each call of its `ctx` is a transaction of its own. */
export async function runInlineAction(
  parts: Parts,
  identity: Identity | null,
  handler: (ctx: GenericActionCtx<never>) => unknown,
): Promise<unknown> {
  const requestId = newRequestId();
  const caller: ActionCaller = {
    address: { component: "", path: "test:inline" },
    identity,
    // Test code is Node.js's.
    runtime: "node",
    scheduledFunctionId: null,
    requestId,
  };
  const action = actionGeneric({ handler: (ctx) => handler(ctx as never) }) as unknown as {
    invokeAction: (requestId: string, argsJson: string) => Promise<string>;
  };
  try {
    const text = await withConvex(convexOf(parts, caller), () => action.invokeAction(requestId, "[{}]"));
    return jsonToConvex(JSON.parse(text) as JSONValue);
  } catch (error) {
    throw restoreErrorData(error);
  }
}

function convexOf({ core, fileStore, origin, log }: Parts, caller: ActionCaller): ConvexGlobal {
  const context = {
    engine: core.engine,
    deployment: () => core.executor.deployment,
    fileStore,
    origin: () => origin,
    log,
  };
  const perform = async (
    name: string,
    argsJson: string,
    bytes?: Uint8Array,
  ): Promise<SyscallResult & { ok: true }> => {
    const result = await performActionSyscall(context, caller, name, argsJson, bytes);
    if (result.ok) return result;
    if (result.data === undefined) throw new Error(result.message);
    const error = new ConvexError<Value>(result.message);
    // `convex/server` takes it as JSON and decodes it itself.
    error.data = JSON.parse(result.data) as Value;
    throw error;
  };
  return {
    syscall: (name) => {
      throw new Error(
        `Unknown operation ${name}: an action reads and writes through ctx.runQuery and ctx.runMutation`,
      );
    },
    asyncSyscall: async (name, argsJson) =>
      name === "1.0/getUserIdentity"
        ? JSON.stringify(caller.identity)
        : (await perform(name, argsJson)).value,
    jsSyscall: async (name, { blob, options, ...args }) => {
      switch (name) {
        case "storage/storeBlob": {
          const { type } = blob as Blob;
          const bytes = new Uint8Array(await (blob as Blob).arrayBuffer());
          const described = JSON.stringify({ ...(options as object | undefined), contentType: type });
          return JSON.parse((await perform(name, described, bytes)).value) as unknown;
        }
        case "storage/getBlob": {
          const { value, bytes } = await perform(name, JSON.stringify(args));
          const file = JSON.parse(value) as { contentType: string | null } | null;
          return file === null ? null : new Blob([bytes as BlobPart], { type: file.contentType ?? "" });
        }
        default:
          throw new Error(`Unknown JS syscall: ${name}`);
      }
    },
  };
}
