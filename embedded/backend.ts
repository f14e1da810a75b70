import { access, constants, mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import path from "node:path";
import { matchHttpRoute } from "./actions/matchHttpRoute.ts";
import { createAuthenticator } from "./auth/authenticator.ts";
import type { Fetch } from "./auth/keySets.ts";
import type { Authenticator } from "./auth/types.ts";
import { loadDeployment } from "./bundler/savedDeployment.ts";
import { openCore } from "./core.ts";
import type { Core } from "./core.ts";
import type { Metrics } from "./engine/metrics.ts";
import type { Engine } from "./engine/types.ts";
import { createFileHttp } from "./files/fileHttp.ts";
import { createMemoryFileStore, openFileStore } from "./files/fileStore.ts";
import type { FileStore } from "./files/fileStore.ts";
import type { Environment } from "./functions/environment.ts";
import type { Deployment } from "./functions/types.ts";
import { createAccess } from "./http/access.ts";
import type { Access } from "./http/access.ts";
import { Api } from "./http/api.ts";
import { callerOfHttpAction } from "./http/caller.ts";
import { FunctionApi } from "./http/functionApi.ts";
import { createHttpServer } from "./http/httpServer.ts";
import type { Handlers } from "./http/httpServer.ts";
import { listen, originOf } from "./http/listen.ts";
import { serveStaticFiles } from "./http/page/staticFiles.ts";
import { createStorageApi } from "./http/storageApi.ts";
import { createLog } from "./log.ts";
import type { Log } from "./log.ts";
import { createMemoryStorage } from "./storage/memoryStorage.ts";
import { openSqliteStorage } from "./storage/sqliteStorage.ts";
import { StorageError } from "./storage/types.ts";
import type { Storage } from "./storage/types.ts";
import { startPruning } from "./sync/sessionRequests.ts";
import { SyncServer } from "./sync/syncServer.ts";
import type { SyncLimits } from "./sync/syncServer.ts";

/** How long actions that run may go on when the server is stopped: enough for one more write of what they have. */
const DEFAULT_GRACE_MS = 2_000;

/** The name of the database in the data folder. */
const DATABASE_FILE = "database.sqlite";

/** Where the data folder keeps the bytes of stored files. */
const FILES_FOLDER = "files";

export type BackendOptions = {
  /** Where the app's functions are: they are built at the start. Without it, what is in `buildDir` is used. */
  functionsDir?: string;
  /** Where built functions are kept. */
  buildDir: string;
  /** Where everything is stored, or `"memory"`: nowhere. */
  dataDir: string;
  /** The address to listen on; only this machine by default. */
  host?: string;
  /** 0 for any that is free. */
  port: number;
  /** The origin under which clients reach the backend, if not the one it listens on (behind a proxy). */
  publicUrl?: string;
  /** The functions' environment variables. `CONVEX_CLOUD_URL` and `CONVEX_SITE_URL` are added (E14). */
  env?: Environment;
  /**
   * A built page, or who answers what is neither API nor HTTP action (a development server), or nothing. `attach` is
   * given a server of which only the `upgrade` events come.
   */
  page?: { directory: string } | { attach: (server: Server) => RequestListener | Promise<RequestListener> };
  /** Origins of other pages that may use the backend. Their names are also taken as names of this machine. */
  allowedOrigins?: readonly string[];
  log?: Log;
  /** What the app has to put in order before the first request is answered and before any function runs by itself. */
  beforeServing?: (engine: Engine) => Promise<void>;
  /** Milliseconds that running actions get at `close`. */
  graceMs?: number;
  /** For tests. */
  syncLimits?: Partial<SyncLimits>;
};

export type Backend = {
  /** What clients connect to. */
  readonly url: string;
  readonly deployment: Deployment;
  readonly engine: Engine;
  /** Counts since the start. */
  metrics(): Metrics;
  /** Puts new functions in place of the running ones; clients stay connected and see new results. */
  replaceDeployment(deployment: Deployment): Promise<void>;
  /** Builds the functions folder again and puts the result in place. Throws, changing nothing, if it cannot be built. */
  rebuild(): Promise<void>;
  /** Ends cleanly (E17). */
  close(): Promise<void>;
};

/**
 * Starts a backend. Throws an error whose message says what to do if it cannot: port in use, functions that cannot be
 * built, a folder that cannot be written, a database that cannot be read.
 */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  const { host = "127.0.0.1", log = createLog(), allowedOrigins = [] } = options;
  const policy = createAccess({ host, allowedOrigins });
  let announce: { ready: (handlers: Handlers) => void; failed: (error: unknown) => void } | undefined;
  const handlers = new Promise<Handlers>((ready, failed) => {
    announce = { ready, failed };
  });
  const server = createHttpServer(handlers, log);
  // The address comes first: the functions see it in their environment while they are built.
  const port = await listen(server, host, options.port);
  try {
    const url = options.publicUrl === undefined ? originOf(host, port) : new URL(options.publicUrl).origin;
    const backend = new RunningBackend(server, await openParts({ ...options, log }, url));
    announce?.ready(backend.handlers(policy));
    return backend;
  } catch (error) {
    announce?.failed(error);
    const closed = closeServer(server);
    server.closeAllConnections();
    await closed;
    throw error;
  }
}

type Parts = {
  url: string;
  env: Environment;
  options: BackendOptions & { log: Log };
  core: Core;
  fileStore: FileStore;
  page: Page | null;
};

/** What answers what is neither API nor HTTP action. */
type Page = { respond: RequestListener; upgrades: Server | null };

async function openParts(options: BackendOptions & { log: Log }, url: string): Promise<Parts> {
  const { log } = options;
  const env = { ...options.env, CONVEX_CLOUD_URL: url, CONVEX_SITE_URL: url };
  const page = await openPage(options.page);
  const deployment = await openDeployment(options, env);
  const { storage, fileStore } = await openStores(options.dataDir);
  const core = await openCore({
    storage,
    fileStore,
    deployment,
    env,
    actions: "worker",
    runCrons: true,
    ...(options.beforeServing !== undefined && { beforeStart: options.beforeServing }),
    log,
  });
  return { url, env, options, core, fileStore, page };
}

class RunningBackend implements Backend {
  private readonly authenticator: Authenticator;
  private readonly sync: SyncServer;
  private readonly stopPruning: () => void;
  private closed: Promise<void> | null = null;

  constructor(
    private readonly server: Server,
    private readonly parts: Parts,
  ) {
    const { core, url, options } = parts;
    const { log } = options;
    this.authenticator = createAuthenticator({
      providers: () => this.deployment.authProviders,
      fetch: fetchThrough(core, url),
    });
    this.sync = new SyncServer({
      engine: core.engine,
      authenticator: this.authenticator,
      log,
      limits: options.syncLimits,
    });
    this.stopPruning = startPruning(core.engine, (error) => {
      log.error("SYNC", "Records of old requests could not be removed", error);
    });
  }

  get url(): string {
    return this.parts.url;
  }

  get deployment(): Deployment {
    return this.parts.core.executor.deployment;
  }

  metrics(): Metrics {
    return this.parts.core.metrics.now;
  }

  get engine(): Engine {
    return this.parts.core.engine;
  }

  replaceDeployment(deployment: Deployment): Promise<void> {
    return this.parts.core.replaceDeployment(deployment);
  }

  async rebuild(): Promise<void> {
    await this.replaceDeployment(await openDeployment(this.parts.options, this.parts.env));
  }

  close(): Promise<void> {
    this.closed ??= this.closeInOrder();
    return this.closed;
  }

  /** Who answers which request. */
  handlers(policy: Access): Handlers {
    const { authenticator, sync } = this;
    const { core, url, page, fileStore } = this.parts;
    const { engine, actionHost, executor, metrics } = core;
    const functions = new FunctionApi({
      engine,
      authenticator,
      resolve: (address) => executor.resolve(address),
    });
    return {
      siteUrl: url,
      access: policy,
      httpActions: {
        hasRoute: (method, pathname) => hasRoute(this.deployment, method, pathname),
        callerOf: (authorization) => callerOfHttpAction(authorization, authenticator),
        respond: (request, caller) => {
          metrics.recordAction();
          return actionHost.httpAction("", request, caller);
        },
      },
      api: new Api(functions, createStorageApi(createFileHttp({ engine, store: fileStore }), url)),
      sync,
      page: page?.respond ?? null,
      pageUpgrades: page?.upgrades ?? null,
    };
  }

  /** Clients first, who come back by themselves; then actions, which still may write; what they wrote; the file. */
  private async closeInOrder(): Promise<void> {
    const { core, options } = this.parts;
    const noMoreRequests = closeServer(this.server);
    this.stopPruning();
    await this.sync.close();
    try {
      await core.close(options.graceMs ?? DEFAULT_GRACE_MS);
    } finally {
      this.server.closeAllConnections();
      await noMoreRequests;
    }
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

async function openDeployment(
  { functionsDir, buildDir }: BackendOptions,
  env: Environment,
): Promise<Deployment> {
  if (functionsDir === undefined) return loadDeployment(buildDir, env);
  // Loaded by need only: a server that starts from built functions has no use for a bundler.
  const { buildDeployment } = await import("./bundler/buildDeployment.ts");
  return buildDeployment({ functionsDir, outDir: buildDir, env });
}

async function openStores(dataDir: string): Promise<{ storage: Storage; fileStore: FileStore }> {
  if (dataDir === "memory") return { storage: createMemoryStorage(), fileStore: createMemoryFileStore() };
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new StorageError(
      "notWritable",
      `The data folder ${path.resolve(dataDir)} cannot be written (${(error as NodeJS.ErrnoException).code ?? "?"}). ` +
        "Make it writable, or choose another folder.",
      { cause: error },
    );
  }
  // The database first: its lock tells whether another process has this folder, whose files are then not ours to sweep.
  const storage = openSqliteStorage(path.join(dataDir, DATABASE_FILE));
  try {
    return { storage, fileStore: await openFileStore(path.join(dataDir, FILES_FOLDER)) };
  } catch (error) {
    storage.close();
    throw error;
  }
}

async function openPage(page: BackendOptions["page"]): Promise<Page | null> {
  if (page === undefined) return null;
  if ("directory" in page) return { respond: serveStaticFiles(page.directory), upgrades: null };
  // Not the server that listens: its upgrades are passed on once it is known that they may come in.
  const upgrades = createServer();
  return { respond: await page.attach(upgrades), upgrades };
}

function hasRoute({ components }: Deployment, method: string, pathname: string): boolean {
  const app = components.get("");
  return app !== undefined && matchHttpRoute(app, method, pathname) !== null;
}

/** Keys that the app itself publishes are read without a detour over the network, which may not lead back here. */
function fetchThrough({ actionHost, executor }: Core, siteUrl: string): Fetch {
  return (url, init) => {
    const target = new URL(url);
    if (target.origin !== siteUrl || !hasRoute(executor.deployment, "GET", target.pathname))
      return fetch(url, init);
    return actionHost.httpAction("", new Request(url), null);
  };
}
