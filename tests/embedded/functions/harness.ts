/** The fixture app on an in-memory database: each call is a transaction of its own, as the engine makes them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { JSONValue } from "convex/values";
import { buildDeployment } from "../../../embedded/bundler/buildDeployment.ts";
import { openDatabase } from "../../../embedded/database/database.ts";
import type { Database, Transaction } from "../../../embedded/database/types.ts";
import { createExecutor, type Executor } from "../../../embedded/functions/executor.ts";
import type {
  Deployment,
  FunctionResult,
  Identity,
  QueryOutcome,
} from "../../../embedded/functions/types.ts";
import type { Log } from "../../../embedded/log.ts";
import { silentLog } from "../../../embedded/log.ts";
import { createMemoryStorage } from "../../../embedded/storage/memoryStorage.ts";

export const APP = fileURLToPath(new URL("../fixtures/app", import.meta.url));
export const ENV = {
  CONVEX_CLOUD_URL: "http://127.0.0.1:3210",
  CONVEX_SITE_URL: "http://127.0.0.1:3210",
  SECRET: "s3cret",
};

export type Options = {
  component?: string;
  identity?: Identity | null;
  journal?: string | null;
  visibility?: "public" | "any";
};

export type Backend = {
  deployment: Deployment;
  executor: Executor;
  database: Database;
  query(path: string, args?: JSONValue, options?: Options): QueryOutcome;
  mutation(path: string, args?: JSONValue, options?: Options): { result: FunctionResult; logLines: string[] };
};

let deployment: Promise<Deployment> | null = null;

/** Built once for all tests of a file. */
export function fixtureDeployment(): Promise<Deployment> {
  deployment ??= (async () => {
    const outDir = mkdtempSync(path.join(tmpdir(), "functions-"));
    process.once("exit", () => rmSync(outDir, { recursive: true, force: true }));
    return buildDeployment({ functionsDir: APP, outDir, env: ENV });
  })();
  return deployment;
}

export async function startFixture(log: Log = silentLog): Promise<Backend> {
  const built = await fixtureDeployment();
  const executor = createExecutor({ deployment: built, env: ENV, log });
  const database = openDatabase(createMemoryStorage());
  database.pushSchema(new Map([...built.components].map(([name, { schema }]) => [name, schema])));
  const callOf = (name: string, args: JSONValue, options: Options) => ({
    address: { component: options.component ?? "", path: name },
    args,
    identity: options.identity ?? null,
    visibility: options.visibility ?? "public",
  });
  return {
    deployment: built,
    executor,
    database,
    query: (name, args = {}, options = {}) =>
      executor.runQuery(callOf(name, args, options), database.begin("query"), options.journal ?? null),
    mutation: (name, args = {}, options = {}) => {
      const transaction: Transaction = database.begin("mutation");
      const savepoint = transaction.savepoint();
      const outcome = executor.runMutation(callOf(name, args, options), transaction);
      if (!outcome.result.ok) transaction.rollbackTo(savepoint);
      database.commit(transaction);
      return outcome;
    },
  };
}

/** The value of a call that must have succeeded. */
export function valueOf({ result }: { result: FunctionResult }): JSONValue {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

/** The message of a call that must have failed. */
export function errorOf({ result }: { result: FunctionResult }): string {
  if (result.ok) throw new Error(`Succeeded with ${JSON.stringify(result.value)}`);
  return result.error.message;
}
