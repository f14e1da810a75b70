import { access, constants, mkdir } from "node:fs/promises";
import type { Server } from "node:http";
import path from "node:path";
import type { ActionPlaces } from "./actions/actionLimits.ts";
import { openAdminKey } from "./admin/adminKey.ts";
import type { AdminKey } from "./admin/adminKey.ts";
import { EnvironmentStore } from "./admin/environmentStore.ts";
import { PushFolder } from "./admin/push/pushFolder.ts";
import { loadDeployment } from "./bundler/savedDeployment.ts";
import { openCore } from "./core.ts";
import type { CloudOptions } from "./core.ts";
import { RealTime } from "./engine/cloud/cloudTime.ts";
import type { ConflictReport } from "./engine/cloud/conflictReport.ts";
import type { Metrics } from "./engine/metrics.ts";
import type { Engine } from "./engine/types.ts";
import { withHeldDeletions } from "./files/heldDeletions.ts";
import { createMemoryFileStore, openFileStore } from "./files/fileStore.ts";
import type { FileStore } from "./files/fileStore.ts";
import type { Environment } from "./functions/environment.ts";
import type { Deployment } from "./functions/types.ts";
import { boundHeapGrowth } from "./heapGrowth.ts";
import { createAccess } from "./http/access.ts";
import type { Access } from "./http/access.ts";
import { createHttpServer } from "./http/httpServer.ts";
import type { Handlers } from "./http/httpServer.ts";
import { listen, originOf } from "./http/listen.ts";
import { createLog } from "./log.ts";
import { withoutFloods } from "./logFlood.ts";
import type { Log } from "./log.ts";
import { Reopening } from "./reopening.ts";
import { openPage, Serving } from "./serving.ts";
import type { Page, PageOptions } from "./serving.ts";
import { createMemoryStorage } from "./storage/memoryStorage.ts";
import { openSqliteStorage } from "./storage/sqliteStorage.ts";
import { StorageError } from "./storage/types.ts";
import type { Storage } from "./storage/types.ts";
import type { SyncTimes } from "./sync/syncServer.ts";
import { clientLimits } from "./clientLimits.ts";
import type { ClientLimitOptions } from "./clientLimits.ts";
import { createAddressOf, isAmong } from "./http/clientAddress.ts";
import type { ExchangeParts } from "./http/exchange.ts";
import { RequestPace } from "./http/requestPace.ts";
import { MemoryAccount } from "./memoryAccount.ts";
import { maxOpenFiles } from "./openFiles.ts";
import { PacedLine } from "./pacedLine.ts";
import { Pacer } from "./pacer.ts";

/** How long actions that run may go on when the server is stopped: enough for one more write of what they have. */
const DEFAULT_GRACE_MS = 2_000;

/** The name of the database in the data folder. */
const DATABASE_FILE = "database.sqlite";

/** Where the data folder keeps the bytes of stored files. */
const FILES_FOLDER = "files";

export type BackendOptions = {
  /** Where the app's functions are: they are built at the start. Without it, what is in `buildDir` is used. */
  functionsDir?: string;
  /** Where built functions are kept. Without it and `functionsDir`, what the `convex` CLI pushed last is used, if anything. */
  buildDir?: string;
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
  page?: PageOptions;
  /** Origins of other pages that may use the backend, or `*`. Their names are also taken as names of this machine. */
  allowedOrigins?: readonly string[];
  /** May pages that other programs on this machine serve use it too, such as an app's development server? */
  allowLocalPages?: boolean;
  /** Addresses of proxies in front, or ranges as `10.0.0.0/8`: whom they name in `X-Forwarded-For` is the client. */
  trustedProxies?: readonly string[];
  /**
   * Are clients told what a function has thrown, and where? They are by default, as on a Convex deployment for development; without it
   * they get the number of the request, under which the log has the rest, and the data of a `ConvexError`.
   */
  showErrors?: boolean;
  /** What one client, one address and all together may use. */
  limits?: ClientLimitOptions;
  /** How many actions of each runtime, and HTTP actions, may run at once; 512 of each by default. */
  actionPlaces?: Partial<ActionPlaces>;
  /** Milliseconds that a client's action may wait for its place; 10,000 by default, as on Convex. */
  actionWaitMs?: number;
  log?: Log;
  /**
   * What the app has to put in order before the first request is answered and before any function runs by itself; also when the
   * database is opened again after it could not be written.
   */
  beforeServing?: (engine: Engine) => Promise<void>;
  /** `"cloud"`: mutations conflict, and places and pools are those of a Convex deployment (E20). */
  mode?: "local" | "cloud";
  /** For cloud mode. */
  cloud?: CloudOptions;
  /** Milliseconds that running actions get at `close`. */
  graceMs?: number;
  /** For tests. */
  syncTimes?: Partial<SyncTimes>;
  /** For tests: stands between the backend and the data file, each time that it is opened. */
  wrapStorage?: (storage: Storage) => Storage;
  /** For tests: the first pause before a database that could not be written is opened again. */
  reopenAfterMs?: number;
};

export type Backend = {
  /** What clients connect to. */
  readonly url: string;
  /** What makes its bearer an administrator, for the `convex` CLI. */
  readonly adminKey: string;
  readonly deployment: Deployment;
  readonly engine: Engine;
  /** Counts since the start. */
  metrics(): Metrics;
  /** What has conflicted since the start; `null` if this is not cloud mode. */
  conflicts(): ConflictReport | null;
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
  const { host = "127.0.0.1", allowedOrigins = [], allowLocalPages = false } = options;
  const { trustedProxies = [] } = options;
  boundHeapGrowth();
  const limits = clientLimits(options.limits, maxOpenFiles());
  const { log, stop } = withoutFloods(options.log ?? createLog(), limits.logLinesPerSecond);
  let accepted = 0;
  const exchanges: ExchangeParts = {
    account: new MemoryAccount(limits.bufferBytes),
    pacer: new Pacer(new PacedLine(() => accepted)),
    addressOf: createAddressOf(trustedProxies),
    limits,
  };
  const onRefused = (reason: string): void => log.warn("HTTP", reason);
  const policy = createAccess({ host, allowedOrigins, allowLocalPages, onRefused });
  let announce: { ready: (handlers: Handlers) => void; failed: (error: unknown) => void } | undefined;
  const started = new Promise<Handlers>((ready, failed) => {
    announce = { ready, failed };
  });
  // Told to whoever starts the backend; a request that came before is answered with it.
  started.catch(() => {});
  let backend: RunningBackend | null = null;
  const server = createHttpServer(() => backend?.handlers ?? started, {
    log,
    limits,
    isProxy: isAmong(trustedProxies),
    pace: new RequestPace(exchanges.pacer, exchanges.addressOf),
  });
  server.on("connection", () => accepted++);
  // The address comes first: the functions see it in their environment while they are built.
  const port = await listen(server, host, options.port);
  try {
    const url = options.publicUrl === undefined ? originOf(host, port) : new URL(options.publicUrl).origin;
    await prepareDataDir(options.dataDir);
    const adminKey = openAdminKey(options.dataDir);
    const given = { ...options.env, CONVEX_CLOUD_URL: url, CONVEX_SITE_URL: url };
    const environment = new EnvironmentStore(options.dataDir, given);
    const pushFolder = new PushFolder(options.dataDir);
    const page = await openPage(options.page);
    const base = {
      url,
      adminKey,
      environment,
      pushFolder,
      options: { ...options, log },
      policy,
      page,
      exchanges,
      accepted: () => accepted,
    };
    const serving = await openServing(base, await openDeployment(base));
    await pushFolder.sweep([pushFolder.current() ?? "", folderOf(serving.core.executor.deployment)]);
    server.once("close", stop);
    backend = new RunningBackend(server, base, serving);
    announce?.ready(serving.handlers);
    return backend;
  } catch (error) {
    announce?.failed(error);
    const closed = closeServer(server);
    server.closeAllConnections();
    await closed;
    stop();
    throw error;
  }
}

/** What stays as it is when the database is opened again. */
type Base = {
  url: string;
  adminKey: AdminKey;
  environment: EnvironmentStore;
  pushFolder: PushFolder;
  options: BackendOptions & { log: Log };
  policy: Access;
  page: Page | null;
  exchanges: ExchangeParts;
  /** How many connections have been accepted so far. */
  accepted: () => number;
};

async function openServing(base: Base, deployment: Deployment): Promise<Serving> {
  const { url, adminKey, environment, pushFolder, options, policy, page, exchanges, accepted } = base;
  const { log, syncTimes, wrapStorage } = options;
  const { storage, fileStore: bytes } = await openStores(options.dataDir);
  const fileStore = withHeldDeletions(bytes);
  const core = await openCore({
    storage: wrapStorage?.(storage) ?? storage,
    fileStore,
    deployment,
    env: environment.effective,
    actions: "worker",
    actionPlaces: options.actionPlaces,
    actionWaitMs: options.actionWaitMs,
    runCrons: true,
    accepted,
    account: exchanges.account,
    showErrors: options.showErrors ?? true,
    ...(options.beforeServing !== undefined && { beforeStart: options.beforeServing }),
    ...(options.mode === "cloud" && {
      cloud: { ...options.cloud, createTime: () => new RealTime() },
    }),
    log,
  });
  const serving = new Serving({
    url,
    core,
    fileStore,
    workFolder: pushFolder.besides,
    adminKey,
    environment,
    pushFolder,
    page,
    policy,
    log,
    exchanges,
    syncTimes,
    showErrors: options.showErrors ?? true,
  });
  await serving.administration.start();
  return serving;
}

/**
 *   serving ──the database cannot be written──► reopening ──► serving …
 *      └────────────────close───────────────────────┴──────► closed
 */
class RunningBackend implements Backend {
  private readonly reopening: Reopening;
  private readonly closing = new AbortController();
  /** Ends when the database has failed, and was closed, and another is open if there shall be one. */
  private recovery!: Promise<void>;
  private closed: Promise<void> | null = null;

  constructor(
    private readonly server: Server,
    private readonly base: Base,
    private serving: Serving,
  ) {
    this.reopening = new Reopening(base.options.log, base.options.reopenAfterMs);
    this.watch();
  }

  get url(): string {
    return this.base.url;
  }

  get adminKey(): string {
    return this.base.adminKey.text;
  }

  /** Of the database that failed they refuse everything but the page, by its engine's reason, until there is another. */
  get handlers(): Promise<Handlers> {
    return Promise.resolve(this.serving.handlers);
  }

  get deployment(): Deployment {
    return this.serving.core.executor.deployment;
  }

  metrics(): Metrics {
    return this.serving.core.metrics.now;
  }

  conflicts(): ConflictReport | null {
    return this.engine.conflicts();
  }

  get engine(): Engine {
    return this.serving.core.engine;
  }

  replaceDeployment(deployment: Deployment): Promise<void> {
    return this.serving.core.replaceDeployment(deployment);
  }

  async rebuild(): Promise<void> {
    await this.replaceDeployment(await openDeployment(this.base));
  }

  close(): Promise<void> {
    this.closed ??= this.closeInOrder();
    return this.closed;
  }

  private watch(): void {
    this.recovery = this.engine.failed.then(() => this.recover());
  }

  /**
   * What a restart does, without one: all that was in memory goes, and what is read from the file is what is durable. So nobody has to
   * know which part of the write that failed has reached it (E17.3).
   */
  private async recover(): Promise<void> {
    if (this.closed !== null) return;
    const { log } = this.base.options;
    const { deployment } = this;
    // Its last flush fails too; what it had open is rolled back.
    await this.serving.close(0).catch((error: unknown) => {
      log.warn("STORAGE", "The database was closed as it is", { reason: String(error) });
    });
    const serving = await this.reopening.open(() => openServing(this.base, deployment), this.closing.signal);
    if (serving === null) return;
    this.serving = serving;
    this.watch();
  }

  private async closeInOrder(): Promise<void> {
    const noMoreRequests = closeServer(this.server);
    this.closing.abort();
    try {
      if (this.engine.refusal !== null) await this.recovery;
      // Null again when another database was opened meanwhile.
      if (this.engine.refusal === null)
        await this.serving.close(this.base.options.graceMs ?? DEFAULT_GRACE_MS);
      await this.base.pushFolder.close();
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

async function openDeployment({ options, environment, pushFolder }: Base): Promise<Deployment> {
  const { functionsDir } = options;
  const env = environment.effective;
  const built = options.buildDir ?? pushFolder.current();
  if (functionsDir === undefined && built !== null) return loadDeployment(built, env);
  // Loaded by need only: a server that starts from built functions has no use for a bundler.
  const { buildDeployment } = await import("./bundler/buildDeployment.ts");
  const outDir = options.buildDir ?? pushFolder.newFolder();
  // Nothing was pushed yet: an app without functions, in its stead.
  return buildDeployment({ functionsDir: functionsDir ?? outDir, outDir, env });
}

const folderOf = ({ components }: Deployment): string => path.dirname(components.get("")?.isolateFile ?? "");

async function prepareDataDir(dataDir: string): Promise<void> {
  if (dataDir === "memory") return;
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
}

async function openStores(dataDir: string): Promise<{ storage: Storage; fileStore: FileStore }> {
  if (dataDir === "memory") return { storage: createMemoryStorage(), fileStore: createMemoryFileStore() };
  await prepareDataDir(dataDir);
  // The database first: its lock tells whether another process has this folder, whose files are then not ours to sweep.
  const storage = openSqliteStorage(path.join(dataDir, DATABASE_FILE));
  try {
    return { storage, fileStore: await openFileStore(path.join(dataDir, FILES_FOLDER)) };
  } catch (error) {
    storage.close();
    throw error;
  }
}
