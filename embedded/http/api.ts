import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { JSONValue } from "convex/values";
import type { AdminApi } from "../admin/adminApi.ts";
import type { FunctionApi } from "./functionApi.ts";
import { limitBody } from "./body.ts";
import type { Exchange } from "./exchange.ts";
import { API_VERSION, INSTANCE_NAME } from "./instance.ts";
import { HttpError, sendJsonBody, sendText } from "./respond.ts";

/** Bytes of the largest body that `convex network-test` sends. */
const MAX_ECHO_BYTES = 64 * 1024 * 1024;

/** Answers of `/api/storage/…`. */
export type StorageApi = (exchange: Exchange, response: ServerResponse, url: URL) => Promise<void>;

/** The deployment API that clients use. What only administrators use is `admin/adminApi.ts`'s (E19). */
export class Api {
  constructor(
    private readonly functions: FunctionApi,
    private readonly storage: StorageApi,
    private readonly admin: AdminApi,
  ) {}

  /** Is the path one of the backend's own? */
  owns(pathname: string): boolean {
    return (
      pathname === "/api" ||
      pathname.startsWith("/api/") ||
      ["/version", "/instance_name", "/instance_version", "/echo"].includes(pathname)
    );
  }

  async respond(exchange: Exchange, response: ServerResponse, url: URL): Promise<void> {
    const { request } = exchange;
    if (url.pathname.startsWith("/api/storage/")) return this.storage(exchange, response, url);
    if (this.admin.owns(request, url)) return this.admin.respond(exchange, response, url);
    switch (url.pathname) {
      case "/version":
      case "/instance_version": {
        sendText(response, 200, API_VERSION);
        return;
      }
      case "/echo": {
        // `convex network-test` measures the line with it.
        await pipeline(Readable.from(limitBody(request, MAX_ECHO_BYTES)), response);
        return;
      }
      case "/instance_name": {
        sendText(response, 200, INSTANCE_NAME);
        return;
      }
      default:
        this.answer(exchange, response, await this.call(exchange, url));
    }
  }

  /** The request's body is done with; its response waits in memory for the client to read it. */
  private answer({ buffers }: Exchange, response: ServerResponse, value: JSONValue): void {
    const body = Buffer.from(JSON.stringify(value));
    // What was called has run: it cannot be refused any more.
    if (buffers.resize(body.byteLength)) sendJsonBody(response, 200, body);
    else response.destroy();
  }

  private call(exchange: Exchange, url: URL): JSONValue | Promise<JSONValue> {
    const route = `${exchange.request.method ?? "GET"} ${url.pathname}`;
    switch (route) {
      case "GET /api/query":
        return this.functions.get(exchange, url.searchParams);
      case "POST /api/query":
        return this.functions.call("query", exchange);
      case "POST /api/mutation":
        return this.functions.call("mutation", exchange);
      case "POST /api/action":
        return this.functions.call("action", exchange);
      case "POST /api/function":
        return this.functions.callAny(exchange);
      case "POST /api/query_batch":
        return this.functions.batch(exchange);
      case "POST /api/query_ts":
        return this.functions.timestamp();
      case "POST /api/query_at_ts":
        return this.functions.callAt(exchange);
      default:
        if (route.startsWith("POST /api/run/")) {
          return this.functions.callAny(exchange, runPath(url.pathname.slice("/api/run/".length)));
        }
        throw new HttpError(
          404,
          "NotFound",
          `The embedded backend has no ${route}. It serves the sync socket, functions (/api/query, /api/mutation, ` +
            "/api/action, /api/run/…) and file storage, and with an admin key what the `convex` CLI asks for.",
        );
    }
  }
}

/** `messages/list` → `messages:list`. */
function runPath(path: string): string {
  let parts: string[];
  try {
    parts = path.split("/").map(decodeURIComponent);
  } catch {
    throw new HttpError(400, "BadConvexFunctionIdentifier", "The path holds a broken % escape");
  }
  const name = parts.pop();
  if (name === undefined || parts.length === 0) {
    throw new HttpError(
      400,
      "MissingIdentifier",
      "Path or function name not provided in path, e.g. /api/run/messages/list",
    );
  }
  return `${parts.join("/")}:${name}`;
}
