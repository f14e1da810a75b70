/**
 * The syscalls of queries and mutations, as `convex/server` makes them (`convex/src/server/impl`). Each is one entry of
 * a table: arguments and answer are JSON, and a `UserError` becomes an error in the function.
 */
import type { JSONValue } from "convex/values";
import type { PageRequest, SerializedQuery, Transaction } from "../database/types.ts";
import { deleteFile, generateUploadUrl, getMetadata, getUrl } from "../files/syscalls.ts";
import { cancelJob, scheduleJob } from "../scheduler/jobs.ts";
import { hasLoneSurrogate } from "../values/normalize.ts";
import {
  checkSchedulable,
  displayPath,
  makeFunctionHandle,
  resolveReference,
  type FunctionReferenceJson,
} from "./references.ts";
import type { CallingRun, NestedCall } from "./callingRun.ts";
import { requestMetadata } from "./requestMetadata.ts";
import { limitsOfCall, metricsOf } from "./transactionBudget.ts";
import { UserError, UserErrorWithData } from "./types.ts";

type Args = Record<string, JSONValue | undefined>;
type Syscall = {
  /** Refused in queries, with this name of what was tried. */
  writes?: string;
  /** The answer as JSON text: documents are not parsed on their way. */
  answer: (run: CallingRun, args: Args) => string;
};

/** Answers one syscall. Throws a `UserError` that the function sees as an error of its own. */
export function answerSyscall(run: CallingRun, op: string, argsJson: string): string {
  const syscall = SYSCALLS.get(op);
  if (syscall === undefined) throw unsupported(op);
  if (syscall.writes !== undefined && run.kind === "query") {
    throw new UserError(
      `Can't ${syscall.writes} in a query: queries only read. Do it in a mutation instead.`,
      "WriteInQuery",
    );
  }
  if (hasLoneSurrogate(argsJson)) {
    throw new UserError(
      `Invalid arguments for \`${op}\`: text with half a character (a lone surrogate, as slicing a string leaves one)`,
      "InvalidArgument",
    );
  }
  return syscall.answer(run, JSON.parse(argsJson) as Args);
}

const DATABASE_SYSCALLS: Record<string, Syscall> = {
  "1.0/get": {
    answer: (run, { id, table, isSystem }) => {
      checkIsString(id, "id", isSystem === true ? "db.system.get" : "db.get");
      return tx(run).get(component(run), id, optionalString(table), isSystem === true) ?? "null";
    },
  },
  "1.0/insert": {
    writes: "insert a document",
    answer: (run, { table, value }) => {
      checkIsString(table, "table", "db.insert");
      return JSON.stringify({
        _id: tx(run).insert(component(run), table, objectArgument(value, "db.insert")),
      });
    },
  },
  "1.0/shallowMerge": {
    writes: "patch a document",
    answer: (run, { id, value, table }) => {
      checkIsString(id, "id", "db.patch");
      return tx(run).patch(component(run), id, objectArgument(value, "db.patch"), optionalString(table));
    },
  },
  "1.0/replace": {
    writes: "replace a document",
    answer: (run, { id, value, table }) => {
      checkIsString(id, "id", "db.replace");
      return tx(run).replace(component(run), id, objectArgument(value, "db.replace"), optionalString(table));
    },
  },
  "1.0/remove": {
    writes: "delete a document",
    answer: (run, { id, table }) => {
      checkIsString(id, "id", "db.delete");
      return tx(run).delete(component(run), id, optionalString(table));
    },
  },
  "1.0/queryStream": {
    answer: (run, { query }) => {
      const queryId = run.nextCursorId++;
      run.cursors.set(queryId, tx(run).openQuery(component(run), query as unknown as SerializedQuery));
      return `{"queryId":${queryId}}`;
    },
  },
  "1.0/queryStreamNext": {
    answer: (run, { queryId }) => {
      const cursor = run.cursors.get(queryId as number);
      if (cursor === undefined) throw new UserError("in-progress query not found", "QueryNotFound");
      const document = cursor.next();
      if (document !== null) return `{"value":${document},"done":false}`;
      run.cursors.delete(queryId as number);
      return '{"value":null,"done":true}';
    },
  },
  "1.0/queryCleanup": {
    answer: (run, { queryId }) => String(run.cursors.delete(queryId as number)),
  },
  "1.0/queryPage": { answer: queryPage },
  "1.0/count": {
    answer: (run, { table }) => {
      checkIsString(table, "table", "db.count");
      return JSON.stringify(tx(run).count(component(run), table));
    },
  },
  "1.0/db/normalizeId": {
    answer: (run, { table, idString }) => {
      checkIsString(table, "table", "db.normalizeId");
      checkIsString(idString, "idString", "db.normalizeId");
      return JSON.stringify({ id: tx(run).normalizeId(component(run), table, idString) });
    },
  },
};

const CALL_SYSCALLS: Record<string, Syscall> = {
  "1.0/runUdf": { answer: runUdf },
  "1.0/createFunctionHandle": {
    answer: (run, args) => JSON.stringify(makeFunctionHandle(resolve(run, args))),
  },
  "1.0/schedule": {
    writes: "schedule a function",
    answer: (run, args) => {
      const address = resolve(run, args);
      checkSchedulable(run.services.deployment, address);
      const request = { address, args: args["args"] ?? {}, ts: args["ts"] as number };
      return JSON.stringify(scheduleJob(tx(run), component(run), request));
    },
  },
  "1.0/cancel_job": {
    writes: "cancel a scheduled function",
    answer: (run, { id }) => {
      checkIsString(id, "id", "scheduler.cancel");
      cancelJob(tx(run), component(run), id);
      return "null";
    },
  },
};

const STORAGE_SYSCALLS: Record<string, Syscall> = {
  "1.0/storageGenerateUploadUrl": {
    writes: "make an upload URL",
    answer: (run) => JSON.stringify(generateUploadUrl(tx(run), component(run), origin(run))),
  },
  "1.0/storageGetUrl": {
    answer: (run, { storageId }) => {
      checkIsString(storageId, "storageId", "storage.getUrl");
      return JSON.stringify(getUrl(tx(run), component(run), storageId, origin(run)));
    },
  },
  "1.0/storageGetMetadata": {
    answer: (run, { storageId }) => {
      checkIsString(storageId, "storageId", "storage.getMetadata");
      return JSON.stringify(getMetadata(tx(run), component(run), storageId));
    },
  },
  "1.0/storageDelete": {
    writes: "delete a file",
    answer: (run, { storageId }) => {
      checkIsString(storageId, "storageId", "storage.delete");
      deleteFile(tx(run), component(run), storageId);
      return "null";
    },
  },
};

/** What `ctx.meta.getDeploymentMetadata()` says, of actions too. */
export const DEPLOYMENT_METADATA = { name: "embedded", region: null, class: "s16" };

const META_SYSCALLS: Record<string, Syscall> = {
  "1.0/getUserIdentity": {
    answer: (run) => {
      const { execution } = run;
      execution.readIdentity = true;
      const { identityError } = execution.caller;
      if (identityError !== undefined) throw new UserError(identityError);
      return JSON.stringify(execution.identity);
    },
  },
  "1.0/getFunctionMetadata": {
    answer: (run) => JSON.stringify({ name: displayPath(run.address), componentPath: component(run) }),
  },
  "1.0/getDeploymentMetadata": {
    answer: () => JSON.stringify(DEPLOYMENT_METADATA),
  },
  "1.0/getRequestMetadata": {
    answer: ({ kind, execution }) => {
      if (kind === "query") {
        const message = "Cannot get request metadata in a Query";
        throw new UserError(message, "RequestMetadataNotAllowed");
      }
      return JSON.stringify(requestMetadata(execution.caller));
    },
  },
  "1.0/getTransactionMetrics": { answer: transactionMetrics },
  "1.0/getSnapshotTs": {
    answer: (run) => {
      run.execution.readTime = true;
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(tx(run).snapshotTs);
      return JSON.stringify({ $integer: bytes.toString("base64") });
    },
  },
};

const SYSCALLS: ReadonlyMap<string, Syscall> = new Map(
  Object.entries({ ...DATABASE_SYSCALLS, ...CALL_SYSCALLS, ...STORAGE_SYSCALLS, ...META_SYSCALLS }),
);

/** What the embedded backend lacks, and what to do instead. */
const UNSUPPORTED: Record<string, string> = {
  "1.0/signJwt":
    "ctx.auth.signJwt() is not supported by the embedded backend. Sign the token with the jose package instead.",
  "1.0/auditLog":
    "log.audit() is not supported by the embedded backend. Insert a document into a table of your own instead.",
  "1.0/storageStore": "storage.store() is only available in actions. Store the file in an action instead.",
  "1.0/storageGet": "storage.get() is only available in actions. Read the file in an action instead.",
  "1.0/componentArgument":
    "Component arguments are not supported by the embedded backend. Pass environment variables with app.use(component, { env }) instead.",
  "1.0/createServiceToken":
    "Convex-managed services are not available from the embedded backend. Call the provider from an action instead.",
  "1.0/getServiceUrl":
    "Convex-managed services are not available from the embedded backend. Call the provider from an action instead.",
};

/** Says so. Actions use it too. */
export function unsupported(op: string): UserError {
  return new UserError(
    UNSUPPORTED[op] ??
      `Unknown async operation ${op}: this backend is older than the \`convex\` package of the functions, or the ` +
        "operation is only available in actions.",
    "UnknownAsyncOperation",
  );
}

function transactionMetrics(run: CallingRun): string {
  // Queries and mutations here cannot look into files.
  const none = { used: 0, remaining: 0 };
  return JSON.stringify({
    ...metricsOf(tx(run)),
    filesWritten: none,
    fileWriteBytes: none,
    filesRead: none,
    fileReadBytes: none,
  });
}

function queryPage(run: CallingRun, args: Args): string {
  if (run.nextJournal !== null) {
    throw new UserError(
      "This query or mutation function ran multiple paginated queries. Convex only supports a single paginated query " +
        "in each function.",
      "MultiplePaginatedDatabaseQueries",
    );
  }
  const { cursor = null, endCursor = null, pageSize, maximumRowsRead, maximumBytesRead } = args;
  const request: PageRequest = {
    query: args["query"] as unknown as SerializedQuery,
    cursor: cursor as string | null,
    // Run again, a page ends where it ended before, so that no document slips between it and the next.
    endCursor: (endCursor as string | null) ?? run.journal,
    pageSize: pageSize as number,
    maximumRowsRead: (maximumRowsRead as number | null | undefined) ?? undefined,
    maximumBytesRead: (maximumBytesRead as number | null | undefined) ?? undefined,
  };
  const { page, isDone, continueCursor, splitCursor, pageStatus } = tx(run).queryPage(
    component(run),
    request,
  );
  run.nextJournal = continueCursor;
  const rest = JSON.stringify({ isDone, continueCursor, splitCursor, pageStatus });
  return `{"page":[${page.join(",")}],${rest.slice(1)}`;
}

type NestedCallee = {
  name: string;
  kind: NestedCall["kind"];
  fromMutationsOnly: boolean;
  /** Does it read the snapshot that the mutation began with, without the mutation's own writes? */
  readsStaleSnapshot: boolean;
};

/** Convex's `NestedUdfType` (`crates/isolate/src/environment/udf/async_syscall.rs`), by the name in the syscall. */
const NESTED_CALLEES: ReadonlyMap<JSONValue | undefined, NestedCallee> = new Map([
  ["query", { name: "Query", kind: "query", fromMutationsOnly: false, readsStaleSnapshot: false }],
  [
    "snapshotQuery",
    { name: "SnapshotQuery", kind: "query", fromMutationsOnly: true, readsStaleSnapshot: true },
  ],
  ["mutation", { name: "Mutation", kind: "mutation", fromMutationsOnly: true, readsStaleSnapshot: false }],
]);

function runUdf(run: CallingRun, args: Args): string {
  const { udfType } = args;
  const callee = NESTED_CALLEES.get(udfType);
  if (callee === undefined) {
    throw new UserError("Only queries and mutations can be called as nested UDFs", "InvalidFunctionCall");
  }
  if (callee.fromMutationsOnly && run.kind === "query") {
    throw new UserError(`Cannot call a ${callee.name} function from a Query function`, "InvalidFunctionCall");
  }
  const { execution, services } = run;
  const call: NestedCall = {
    address: resolve(run, args),
    args: args["args"] ?? {},
    kind: callee.kind,
    transaction: callee.readsStaleSnapshot ? tx(run).startSnapshot() : tx(run),
  };
  const { transaction } = call;
  const { limits } = transaction;
  const { transactionLimits } = args;
  if (transactionLimits !== undefined) transaction.limits = limitsOfCall(transaction, transactionLimits);
  const result = execution.asUser(() => services.runNested(execution, call, run.depth + 1));
  // However it ended: what a call was given is not its caller's.
  transaction.limits = limits;
  if (result.ok) return JSON.stringify(result.value);
  const { message, data } = result.error;
  throw data === undefined ? new UserError(message) : new UserErrorWithData(message, data);
}

function resolve(run: CallingRun, { name, reference, functionHandle }: Args) {
  const named: FunctionReferenceJson = {
    name: optionalString(name),
    reference: optionalString(reference),
    functionHandle: optionalString(functionHandle),
  };
  return resolveReference(run.services.deployment, component(run), named);
}

function checkIsString(
  value: JSONValue | undefined,
  argument: string,
  name: string,
): asserts value is string {
  if (typeof value === "string") return;
  throw new UserError(
    `Invalid arguments for \`${name}\`: \`${argument}\` must be a string.`,
    "InvalidArgument",
  );
}

function objectArgument(value: JSONValue | undefined, name: string): JSONValue {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UserError(
      `Invalid argument \`value\` for \`${name}\`: Value must be an Object`,
      "InvalidArgument",
    );
  }
  return value;
}

function optionalString(value: JSONValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function tx(run: CallingRun): Transaction {
  return run.transaction;
}

function component(run: CallingRun): string {
  return run.address.component;
}

function origin(run: CallingRun): string {
  return run.services.env["CONVEX_CLOUD_URL"] ?? "";
}
