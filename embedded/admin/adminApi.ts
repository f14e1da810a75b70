import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { JSONValue } from "convex/values";
import type { Authenticator } from "../auth/types.ts";
import { limitBody, MAX_BODY_BYTES, readJson } from "../http/body.ts";
import { callerOf, claimsToBeAdmin } from "../http/caller.ts";
import type { Exchange as HttpExchange } from "../http/exchange.ts";
import { HttpError, sendJson } from "../http/respond.ts";
import type { Administration } from "./administration.ts";

/** Bytes of a pushed app's code: CLI and Convex have no fixed limit; 20 MB is a large one. */
const MAX_PUSH_BYTES = 128 * 1024 * 1024;

const EXPORTED_FILE = "GET /api/export/zip/";

type Json = Record<string, JSONValue>;
type Exchange = HttpExchange & { response: ServerResponse; url: URL };
/** Answers with what it returns as JSON, or by itself if that is `undefined`. */
type Handler = (
  admin: Administration,
  exchange: Exchange,
) => Promise<JSONValue | undefined> | JSONValue | undefined;

const ROUTES: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ["GET /api/v1/get_canonical_urls", ({ url }) => ({ convexCloudUrl: url, convexSiteUrl: url })],
  ["GET /api/check_admin_key", () => ({ success: true })],
  ["POST /api/update_environment_variables", updateEnvironment],
  ["GET /api/stream_function_logs", streamLogs],
  ["POST /api/run_test_function", async (admin, exchange) => admin.runTestQuery(await objectOf(exchange))],
  ["POST /api/export/request/zip", requestExport],
  ["POST /api/import/start_upload", (admin) => admin.imports.startUpload()],
  [
    "POST /api/import/upload_part",
    (admin, { request, url }) => admin.imports.uploadPart(request, url.searchParams),
  ],
  [
    "POST /api/import/finish_upload",
    async (admin, exchange) => admin.imports.finishUpload(await objectOf(exchange)),
  ],
  ["POST /api/perform_import", async (admin, exchange) => admin.imports.perform(await objectOf(exchange))],
  ["POST /api/get_config_hashes", (admin) => admin.pushes.configHashes()],
  ["POST /api/deploy2/start_push", async (admin, exchange) => admin.pushes.start(await pushOf(exchange))],
  // What `deploy` asks first: how many documents the indexes are of that a push would make or drop.
  [
    "POST /api/deploy2/evaluate_schema",
    async (admin, exchange) => admin.pushes.evaluateSchema(await pushOf(exchange)),
  ],
  // So an older CLI asks.
  [
    "POST /api/deploy2/evaluate_push",
    async (admin, exchange) => admin.pushes.evaluate(await pushOf(exchange)),
  ],
  [
    "POST /api/deploy2/wait_for_schema",
    async (admin, exchange) => admin.pushes.waitForSchema(await pushOf(exchange)),
  ],
  ["POST /api/deploy2/finish_push", async (admin, exchange) => admin.pushes.finish(await pushOf(exchange))],
  ["POST /api/deploy2/report_push_completed", () => null],
]);

/** What administrators alone may ask over HTTP: the `convex` CLI's calls (E19). Each needs the admin key. */
export class AdminApi {
  constructor(private readonly parts: { administration: Administration; authenticator: Authenticator }) {}

  /**
   * Also paths that nobody has, if an administrator asks: the CLI repeats what is answered 404 for 37 s, so those are answered
   * by a 400 that names them.
   */
  owns(request: IncomingMessage, { pathname }: URL): boolean {
    const route = routeOf(request, pathname);
    if (ROUTES.has(route) || route.startsWith(EXPORTED_FILE)) return true;
    return claimsToBeAdmin(request) && !isForClients(pathname);
  }

  async respond(exchange: HttpExchange, response: ServerResponse, url: URL): Promise<void> {
    const { administration, authenticator } = this.parts;
    const route = routeOf(exchange.request, url.pathname);
    const { isAdmin } = await callerOf(exchange, authenticator);
    if (!isAdmin) throw new HttpError(403, "Forbidden", `${route} needs the admin key of this deployment`);
    const handler = route.startsWith(EXPORTED_FILE) ? sendExport : ROUTES.get(route);
    if (handler === undefined) {
      await drain(exchange);
      throw new HttpError(
        400,
        "NotSupported",
        `The embedded backend has no ${route}. It serves the \`convex\` CLI's dev, deploy, codegen, run, data, env, logs, ` +
          "export, import and function-spec",
      );
    }
    const answer = await handler(administration, { ...exchange, response, url });
    if (answer !== undefined) sendJson(response, 200, answer);
  }
}

const routeOf = ({ method }: IncomingMessage, pathname: string): string => `${method ?? "GET"} ${pathname}`;

/** Paths of the API that clients use, which an administrator may use as well. */
function isForClients(pathname: string): boolean {
  return (
    /^\/api\/(query|mutation|action|function|query_batch|query_ts|query_at_ts|run\/.*|storage\/.*)$/.test(
      pathname,
    ) || !pathname.startsWith("/api")
  );
}

async function requestExport({ exports }: Administration, { url }: Exchange): Promise<JSONValue> {
  await exports.request(url.searchParams.get("includeStorage") === "true");
  return null;
}

async function sendExport({ exports }: Administration, { response, url }: Exchange): Promise<undefined> {
  const ts = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
  const { stream, size } = await exports.open(ts);
  response.writeHead(200, {
    "content-type": "application/zip",
    "content-length": size,
    "content-disposition": `attachment; filename=snapshot_embedded_${ts}.zip`,
  });
  await pipeline(stream, response);
}

async function updateEnvironment(admin: Administration, exchange: Exchange): Promise<JSONValue> {
  const { changes } = await objectOf(exchange);
  if (!Array.isArray(changes)) throw new HttpError(400, "BadJsonBody", "`changes` must be an array");
  await admin.changeEnvironment(
    changes.map((change) => {
      const { name, value } = change as Partial<Json>;
      if (typeof name !== "string" || (typeof value !== "string" && value !== null && value !== undefined)) {
        throw new HttpError(
          400,
          "BadJsonBody",
          "A change must have a `name` and a `value`, a string or null",
        );
      }
      return { name, value: value ?? null };
    }),
  );
  return null;
}

async function streamLogs(
  admin: Administration,
  { response, url }: Exchange,
): Promise<JSONValue | undefined> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const cursor = Number(url.searchParams.get("cursor") ?? 0);
  return { ...(await admin.functionLog.after(Number.isFinite(cursor) ? cursor : 0, gone.signal)) };
}

async function objectOf(exchange: HttpExchange, maxBytes = MAX_BODY_BYTES): Promise<Json> {
  const body = await readJson(exchange, maxBytes);
  if (body === null || typeof body !== "object" || Array.isArray(body)) {
    throw new HttpError(400, "BadJsonBody", "The request's body must be a JSON object");
  }
  return body;
}

/**
 * Reads the body to its end. `fetch` takes an answer that comes before it has sent all for a broken line, and the CLI would repeat
 * a large request for half a minute before it goes on without.
 */
async function drain({ request }: HttpExchange): Promise<void> {
  const chunks = limitBody(request, MAX_PUSH_BYTES);
  while ((await chunks.next()).done !== true);
}

const pushOf = (exchange: HttpExchange): Promise<Json> => objectOf(exchange, MAX_PUSH_BYTES);
