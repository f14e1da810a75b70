import type { EventEmitter } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Log } from "../log.ts";
import { RefusalError } from "../engine/cloud/refusal.ts";
import { EngineClosedError } from "../engine/types.ts";
import { CLIENT_LEFT } from "../functions/client.ts";
import type { SyncServer } from "../sync/syncServer.ts";
import type { Access } from "./access.ts";
import type { Api } from "./api.ts";
import type { HttpCaller } from "./caller.ts";
import { Connections } from "./connections.ts";
import { openExchange } from "./exchange.ts";
import type { Exchange, ExchangeParts } from "./exchange.ts";
import { sendWebResponse, toWebRequest } from "./httpActions.ts";
import { HttpError, RETRY_AFTER_S, sendError, sendText } from "./respond.ts";
import { requireStrictTransport } from "./strictTransport.ts";
import { watchReaders } from "./readerWatch.ts";
import type { RequestPace } from "./requestPace.ts";
import { watchUploads } from "./uploadWatch.ts";
import { urlOf } from "./requestUrl.ts";
import { untilWhole } from "./wholeBody.ts";

/** How long a request's head may take to arrive: a slow one must not hold its connection for ever. */
const HEADERS_TIMEOUT_MS = 20_000;

/** Who may wait for a response's end before Node.js warns of a leak. */
const MAX_LISTENERS = 20;

/** What browsers ask before a request from another origin may be sent; Convex lets them remember as long. */
const PREFLIGHT_MAX_AGE_S = "86400";

const SYNC_PATH = /^\/api\/(?:([^/]+)\/)?sync$/;

/** HTTP actions of the app, which come first of all. */
export type HttpActions = {
  hasRoute: (method: string, pathname: string) => boolean;
  callerOf: (exchange: Exchange) => Promise<HttpCaller>;
  /** `isArriving`: the request's body is still coming. */
  respond: (request: Request, caller: HttpCaller, isArriving: boolean) => Promise<Response>;
};

export type Handlers = {
  siteUrl: string;
  access: Access;
  exchanges: ExchangeParts;
  httpActions: HttpActions;
  api: Api;
  sync: SyncServer;
  page: RequestListener | null;
  /** Who takes upgrades of paths that are not the backend's (Vite's hot reload), as `upgrade` events. */
  pageUpgrades: EventEmitter | null;
};

export type HttpServerParts = {
  log: Log;
  limits: ConstructorParameters<typeof Connections>[1];
  /** Is it the address of a trusted proxy? */
  isProxy: (address: string) => boolean;
  pace: RequestPace;
};

/**
 * The one server: which part of the backend answers which request. `handlers` are asked for at each, and may resolve after it has begun
 * to listen.
 */
export function createHttpServer(
  handlers: () => Promise<Handlers>,
  { log, limits, isProxy, pace }: HttpServerParts,
): Server {
  // How long a body may take is `uploadWatch.ts`'s: Node's own limit is on the whole, and ends large files on slow lines.
  const options = { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: 0 };
  const server = createServer(options, (request, response) => {
    requireStrictTransport(request, response, isProxy);
    (pace.begin(request)?.then(handlers) ?? handlers())
      .then((ready) => {
        // Closed already for what came with it: the requests behind it on the same connection are not looked at.
        return request.socket.destroyed ? undefined : route(request, response, ready);
      })
      .catch((error: unknown) => answerFailure(request, response, error, log));
  });
  new Connections(server, limits, isProxy, (address) => pace.isFlooding(address));
  // Each of the parts below waits for a response's end, and so do the streams that it is made of.
  server.on("request", (_request, response) => response.setMaxListeners(MAX_LISTENERS));
  server.once("close", watchUploads(server).stop);
  server.once("close", watchReaders(server).stop);
  server.on("upgrade", (request, socket, head) => {
    handlers()
      .then((ready) => upgrade(request, socket, head, ready))
      .catch((error: unknown) => {
        log.error("HTTP", "An upgrade failed in the backend itself", error);
        socket.destroy();
      });
  });
  return server;
}

async function route(request: IncomingMessage, response: ServerResponse, handlers: Handlers): Promise<void> {
  const { access, exchanges, httpActions, api, page } = handlers;
  const refusal = access.refuseHost(request);
  if (refusal !== null) throw new HttpError(403, "ForbiddenHost", refusal);
  const url = urlOf(request);
  if (httpActions.hasRoute(request.method ?? "GET", url.pathname))
    return runHttpAction(request, response, handlers);
  if (api.owns(url.pathname)) {
    allowOrigin(request, response, access);
    if (request.method === "OPTIONS") answerPreflight(request, response);
    else await api.respond(openExchange(request, response, exchanges), response, url);
  } else if (page !== null) page(request, response);
  else if (url.pathname === "/") sendText(response, 200, "This embedded Convex backend is running.");
  else sendText(response, 404, `There is nothing at ${url.pathname} here.`);
}

/**
 * HTTP actions answer pages of other origins as the app says, like on Convex, where they are public too: only the check
 * of the host is made for them.
 */
async function runHttpAction(
  request: IncomingMessage,
  response: ServerResponse,
  { exchanges, httpActions, siteUrl }: Handlers,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const caller = await httpActions.callerOf(openExchange(request, response, exchanges));
  const isArriving = await untilWhole(request);
  if (request.destroyed && !request.complete) return;
  const answer = await httpActions.respond(toWebRequest(request, siteUrl, gone.signal), caller, isArriving);
  await sendWebResponse(response, answer);
}

function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, handlers: Handlers): void {
  const { access, sync, pageUpgrades } = handlers;
  const match = SYNC_PATH.exec(urlOf(request).pathname);
  const refusal = access.refuseHost(request) ?? access.refuseOrigin(request);
  if (refusal !== null) refuseUpgrade(socket, 403, refusal);
  else if (match === null) {
    const isTaken = pageUpgrades?.emit("upgrade", request, socket, head) ?? false;
    if (!isTaken) refuseUpgrade(socket, 404, "There is no WebSocket at this path.");
  } else {
    const address = handlers.exchanges.addressOf(request);
    const full = sync.refusalOf(address);
    if (full !== null) refuseUpgrade(socket, 503, full);
    else sync.accept(request, socket, head, { address, version: match[1] ?? "" });
  }
}

function allowOrigin(request: IncomingMessage, response: ServerResponse, access: Access): void {
  const refusal = access.refuseOrigin(request);
  if (refusal !== null) throw new HttpError(403, "ForbiddenOrigin", refusal);
  const { origin } = request.headers;
  if (origin === undefined) return;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-allow-credentials", "true");
  response.setHeader("vary", "origin");
}

function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(204, {
    "access-control-allow-methods": "GET, POST, OPTIONS, PATCH, DELETE, PUT",
    "access-control-allow-headers": request.headers["access-control-request-headers"] ?? "",
    "access-control-max-age": PREFLIGHT_MAX_AGE_S,
  });
  response.end();
}

function refuseUpgrade(socket: Duplex, status: 403 | 404 | 503, reason: string): void {
  const body = Buffer.from(reason);
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      (status === 503 ? `Retry-After: ${RETRY_AFTER_S}\r\n` : "") +
      `Content-Length: ${body.byteLength}\r\n\r\n${reason}`,
  );
}

function answerFailure(request: IncomingMessage, response: ServerResponse, error: unknown, log: Log): void {
  if (error === CLIENT_LEFT || response.destroyed) return;
  if (error instanceof HttpError) sendError(response, error);
  else if (error instanceof EngineClosedError)
    sendError(response, new HttpError(503, "Unavailable", error.message));
  else if (error instanceof RefusalError)
    sendError(response, new HttpError(error.httpStatus, error.code, error.message));
  else {
    // Without its parameters: a token to upload with is among them.
    const { pathname } = urlOf(request);
    log.error("HTTP", `${request.method ?? ""} ${pathname} failed in the backend itself`, error);
    const message = "Your request couldn't be completed. Try again later.";
    sendError(response, new HttpError(500, "InternalServerError", message));
  }
}
