/** The app beside this file on everything of the backend but its sockets, in memory. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { JSONValue } from "convex/values";
import {
  createActionHost,
  type ActionHost,
  type ActionHostOptions,
} from "../../../embedded/actions/actionHost.ts";
import { realTimers } from "../../../embedded/actions/realTimers.ts";
import { buildDeployment } from "../../../embedded/bundler/buildDeployment.ts";
import { openDatabase } from "../../../embedded/database/database.ts";
import { createSubscriptionIndex } from "../../../embedded/database/subscriptionIndex.ts";
import type { Database } from "../../../embedded/database/types.ts";
import { createEngine } from "../../../embedded/engine/engine.ts";
import { MetricsCounter } from "../../../embedded/engine/metrics.ts";
import type { LiveQuery } from "../../../embedded/engine/liveQuery.ts";
import type { Engine } from "../../../embedded/engine/types.ts";
import { createMemoryFileStore, type FileStore } from "../../../embedded/files/fileStore.ts";
import { createExecutor, type Executor } from "../../../embedded/functions/executor.ts";
import type {
  ActionOutcome,
  Deployment,
  FunctionCall,
  FunctionResult,
  Identity,
} from "../../../embedded/functions/types.ts";
import { silentLog, type Log } from "../../../embedded/log.ts";
import { createMemoryStorage } from "../../../embedded/storage/memoryStorage.ts";
import type { Storage } from "../../../embedded/storage/types.ts";
import { encodeQueryResult } from "../../../embedded/sync/protocol/transition.ts";

export const ORIGIN = "http://backend.test";
export const ENV = { GREETING: "hello", CONVEX_CLOUD_URL: ORIGIN, CONVEX_SITE_URL: ORIGIN };
export const ALICE: Identity = { tokenIdentifier: "test|alice", issuer: "test", subject: "alice" };

/** Builds the app; call the second result when done. */
export async function buildApp(env: Record<string, string> = ENV): Promise<[Deployment, () => void]> {
  const outDir = mkdtempSync(path.join(tmpdir(), "actions-app-"));
  const functionsDir = fileURLToPath(new URL("./app", import.meta.url));
  const deployment = await buildDeployment({ functionsDir, outDir, env });
  return [
    deployment,
    () => {
      rmSync(outDir, { recursive: true, force: true });
    },
  ];
}

export type App = {
  database: Database;
  engine: Engine;
  executor: Executor;
  host: ActionHost;
  fileStore: FileStore;
  /** Calls as a client would, and returns the value or throws the message. */
  query(path: string, args?: JSONValue): Promise<JSONValue>;
  mutation(path: string, args?: JSONValue): Promise<JSONValue>;
  action(path: string, args?: JSONValue, identity?: Identity | null): Promise<ActionOutcome>;
  close(graceMs?: number): Promise<void>;
};

export type AppOptions = {
  deployment: Deployment;
  mode: ActionHostOptions["mode"];
  places?: ActionHostOptions["places"];
  limits?: ActionHostOptions["limits"];
  storage?: Storage;
  fileStore?: FileStore;
  log?: Log;
};

export function openApp(options: AppOptions): App {
  const { deployment, mode, places, limits, log = silentLog } = options;
  const { storage = createMemoryStorage(), fileStore = createMemoryFileStore() } = options;
  const database = openDatabase(storage);
  database.pushSchema(new Map([...deployment.components].map(([name, { schema }]) => [name, schema])));
  const executor = createExecutor({ deployment, env: ENV, log });
  const engine = createEngine({
    database,
    runner: executor,
    runAction: (call) => host.run(call),
    subscriptionIndex: createSubscriptionIndex<LiveQuery>(),
    encodeResult: encodeQueryResult,
    metrics: new MetricsCounter(),
    log,
  });
  const host: ActionHost = createActionHost({
    engine,
    deployment,
    env: ENV,
    fileStore,
    log,
    mode,
    places,
    ...(limits && { limits }),
  });
  return {
    database,
    engine,
    executor,
    host,
    fileStore,
    query: async (name, args) => valueOf((await engine.query(callOf(name, args))).result),
    mutation: async (name, args) => valueOf((await engine.mutation(callOf(name, args))).result),
    action: (name, args, identity = null) => host.run(callOf(name, args, identity)),
    close: async (graceMs) => {
      await host.close(graceMs);
      await engine.close();
      database.close();
    },
  };
}

export function callOf(name: string, args: JSONValue = {}, identity: Identity | null = null): FunctionCall {
  return { address: { component: "", path: name }, args, identity, visibility: "any" };
}

export function valueOf(result: FunctionResult): JSONValue {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

/** Waits for a state in turns of the event loop, while fake time stands still. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 20_000; turn++) {
    if (await condition()) return;
    await new Promise((resolve) => realTimers.setImmediate(resolve));
  }
  throw new Error("The state that was waited for did not come");
}
