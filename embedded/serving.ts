import { createServer, type RequestListener, type Server } from "node:http";
import { matchHttpRoute } from "./actions/matchHttpRoute.ts";
import { createAuthenticator } from "./auth/authenticator.ts";
import type { Fetch } from "./auth/fetchKeys.ts";
import type { Authenticator } from "./auth/types.ts";
import { AdminApi } from "./admin/adminApi.ts";
import type { AdminKey } from "./admin/adminKey.ts";
import { Administration } from "./admin/administration.ts";
import type { EnvironmentStore } from "./admin/environmentStore.ts";
import type { PushFolder } from "./admin/push/pushFolder.ts";
import type { Core } from "./core.ts";
import { createFileHttp } from "./files/fileHttp.ts";
import type { HoldableFileStore } from "./files/heldDeletions.ts";
import type { Deployment } from "./functions/types.ts";
import type { Access } from "./http/access.ts";
import { Api } from "./http/api.ts";
import { callerOfHttpAction } from "./http/caller.ts";
import type { ExchangeParts } from "./http/exchange.ts";
import { FunctionApi } from "./http/functionApi.ts";
import type { Handlers } from "./http/httpServer.ts";
import { serveStaticFiles } from "./http/page/staticFiles.ts";
import { createStorageApi } from "./http/storageApi.ts";
import type { Log } from "./log.ts";
import { startPruning } from "./sync/sessionRequests.ts";
import { SyncServer, type SyncTimes } from "./sync/syncServer.ts";

/** What answers what is neither API nor HTTP action. */
export type Page = { respond: RequestListener; upgrades: Server | null };

export type PageOptions =
  { directory: string } | { attach: (server: Server) => RequestListener | Promise<RequestListener> };

export async function openPage(page: PageOptions | undefined): Promise<Page | null> {
  if (page === undefined) return null;
  if ("directory" in page) return { respond: serveStaticFiles(page.directory), upgrades: null };
  // Not the server that listens: its upgrades are passed on once it is known that they may come in.
  const upgrades = createServer();
  return { respond: await page.attach(upgrades), upgrades };
}

export type ServingParts = {
  url: string;
  core: Core;
  fileStore: HoldableFileStore;
  /** For an administrator's exports and imports. */
  workFolder: string;
  adminKey: AdminKey;
  environment: EnvironmentStore;
  pushFolder: PushFolder;
  page: Page | null;
  policy: Access;
  log: Log;
  exchanges: ExchangeParts;
  syncTimes: Partial<SyncTimes> | undefined;
  showErrors: boolean;
};

/** Everything that answers clients from one open database: their sessions, the API, HTTP actions. */
export class Serving {
  readonly handlers: Handlers;
  readonly administration: Administration;
  private readonly sync: SyncServer;
  private readonly stopPruning: () => void;

  constructor(private readonly parts: ServingParts) {
    const { core, url, log, exchanges, syncTimes, showErrors } = parts;
    const { engine } = core;
    const authenticator = createAuthenticator({
      providers: () => core.executor.deployment.authProviders,
      fetch: fetchThrough(core, url),
      adminKey: parts.adminKey,
    });
    this.sync = new SyncServer({ engine, authenticator, log, ...exchanges, showErrors, times: syncTimes });
    this.stopPruning = startPruning(engine, (error) => {
      log.error("SYNC", "Records of old requests could not be removed", error);
    });
    this.administration = new Administration(parts);
    this.handlers = this.createHandlers(authenticator);
  }

  get core(): Core {
    return this.parts.core;
  }

  /** Clients first, who come back by themselves; then actions, which still may write; what they wrote; the file. */
  async close(graceMs: number): Promise<void> {
    this.stopPruning();
    await this.administration.close();
    await this.sync.close(this.core.engine.refusal?.message);
    await this.core.close(graceMs);
  }

  private createHandlers(authenticator: Authenticator): Handlers {
    const { core, url, page, fileStore, policy, exchanges } = this.parts;
    const { engine, actionHost, executor, metrics } = core;
    const functions = new FunctionApi({
      engine,
      authenticator,
      resolve: (address) => executor.resolve(address),
      showErrors: this.parts.showErrors,
    });
    return {
      siteUrl: url,
      access: policy,
      exchanges,
      httpActions: {
        hasRoute: (method, pathname) => hasRoute(executor.deployment, method, pathname),
        callerOf: (exchange) => callerOfHttpAction(exchange, authenticator),
        respond: (request, caller, isArriving) => {
          const { refusal } = engine;
          if (refusal !== null) return Promise.reject(refusal);
          metrics.recordAction();
          const { client } = caller;
          return caller.kind === "known"
            ? actionHost.httpAction("", request, caller.identity, { client, isArriving })
            : actionHost.httpAction("", request, null, { client, isArriving, identityError: caller.reason });
        },
      },
      api: new Api(
        functions,
        createStorageApi(
          createFileHttp({ engine, store: fileStore, maxBytes: exchanges.limits.fileBytes }),
          url,
        ),
        new AdminApi({ administration: this.administration, authenticator }),
      ),
      sync: this.sync,
      page: page?.respond ?? null,
      pageUpgrades: page?.upgrades ?? null,
    };
  }
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
    return actionHost.httpAction("", new Request(url, init), null, { asker: "backend" });
  };
}
