import type { JSONValue } from "convex/values";
import type { Authenticator } from "../auth/types.ts";
import type { Engine } from "../engine/types.ts";
import { isSystemPath } from "../admin/systemQueries.ts";
import { failureOfMessage, forClients, messageForClients, newRequestId } from "../functions/failures.ts";
import { canonicalizePath, displayPath, inComponent, MAX_PATH_LENGTH } from "../functions/references.ts";
import type { FunctionAddress, FunctionCall, FunctionInfo, FunctionResult } from "../functions/types.ts";
import { decodeTimestamp, encodeTimestamp } from "../sync/protocol/timestamp.ts";
import { malformedReason } from "../values/malformed.ts";
import { readJson } from "./body.ts";
import { callerOf } from "./caller.ts";
import type { ApiCaller } from "./caller.ts";
import type { Exchange } from "./exchange.ts";
import { HttpError, RETRY_AFTER_S } from "./respond.ts";
import { whileConnected } from "./whileConnected.ts";
import { formatValue, parseFormat } from "./valueFormat.ts";
import type { ValueFormat } from "./valueFormat.ts";

/** Queries of one batch. No official client sends more than it has components on a page. */
const MAX_BATCH = 256;

/** How often a batch is run that commits come in between. */
const MAX_BATCH_ATTEMPTS = 8;

export type FunctionApiParts = {
  engine: Engine;
  authenticator: Authenticator;
  resolve: (address: FunctionAddress) => FunctionInfo | null;
  /** Are clients told what a function has thrown, and where? Administrators are in any case. */
  showErrors: boolean;
};

type Kind = FunctionInfo["kind"];
type Request = { call: FunctionCall; format: ValueFormat };
type Outcome = { result: FunctionResult; logLines: string[] };
type JsonObject = { readonly [field: string]: JSONValue | undefined };

/**
 * Functions over HTTP, as `ConvexHttpClient` and the documented HTTP API call them. A function that fails is a response
 * with status 200 that says so; an HTTP error means that no function was run.
 */
export class FunctionApi {
  constructor(private readonly parts: FunctionApiParts) {}

  /** `POST /api/query`, `/api/mutation`, `/api/action`. */
  async call(kind: Kind, exchange: Exchange): Promise<JSONValue> {
    const caller = await callerOf(exchange, this.parts.authenticator);
    const parsed = parseRequest(objectOf(await readBody(exchange, caller)), caller);
    return whileConnected(exchange.request, (left) => this.run(kind, parsed, left));
  }

  /** `GET /api/query?path=…&args=…&format=…`. */
  async get(exchange: Exchange, parameters: URLSearchParams): Promise<JSONValue> {
    const caller = await callerOf(exchange, this.parts.authenticator);
    let args: JSONValue;
    try {
      args = JSON.parse(parameters.get("args") ?? "{}") as JSONValue;
    } catch {
      throw new HttpError(400, "BadArgs", "`args` must be JSON");
    }
    const format = parameters.get("format");
    const parsed = parseRequest({ path: parameters.get("path"), args, format }, caller);
    return whileConnected(exchange.request, (left) => this.run("query", parsed, left));
  }

  /** `POST /api/function`, and `/api/run/<module>/<function>` which has the path in its URL: whatever kind it is. */
  async callAny(exchange: Exchange, urlPath?: string): Promise<JSONValue> {
    const caller = await callerOf(exchange, this.parts.authenticator);
    const body = objectOf(await readBody(exchange, caller));
    const parsed = parseRequest(urlPath === undefined ? body : { ...body, path: urlPath }, caller);
    const { address, visibility } = parsed.call;
    const info = this.parts.resolve(address);
    const isFunction = info !== null && (visibility !== "public" || info.visibility === "public");
    if (isFunction || (visibility === "admin" && isSystemPath(address.path)))
      return whileConnected(exchange.request, (left) =>
        this.run(isFunction ? info.kind : "query", parsed, left),
      );
    // Convex's words on this path, which the CLI looks for.
    const message =
      `Could not find function for '${displayPath(address)}'${inComponent(address)}. ` +
      "Did you forget to run `npx convex dev`?";
    return respond({ result: { ok: false, error: failureOfMessage(message) }, logLines: [] }, parsed.format);
  }

  /**
   * `POST /api/query_batch`: all at one timestamp. They stand in line one behind the other, so that mostly nothing comes in between; when
   * something does they are run again.
   */
  async batch(exchange: Exchange): Promise<JSONValue> {
    const caller = await callerOf(exchange, this.parts.authenticator);
    const { queries } = objectOf(await readBody(exchange, caller));
    if (!Array.isArray(queries)) throw new HttpError(400, "BadJsonBody", "`queries` must be an array");
    if (queries.length > MAX_BATCH) {
      const message = `A batch may have ${MAX_BATCH} queries, and this one has ${queries.length}. Send it in parts`;
      throw new HttpError(400, "TooManyQueries", message);
    }
    const parsed = queries.map((query) => parseRequest(objectOf(query), caller));
    const calls = parsed.map(({ call }) => call);
    // One look at the connection for all of them: each would listen to the same socket.
    return whileConnected(exchange.request, async (left) => {
      for (let attempt = 0; attempt < MAX_BATCH_ATTEMPTS; attempt++) {
        const outcomes = await this.parts.engine.queries(calls, left);
        if (new Set(outcomes.map(({ ts }) => ts)).size > 1) continue;
        const showErrors = this.parts.showErrors || caller.isAdmin;
        return {
          results: outcomes.map((outcome, i) =>
            respond(forClients(outcome, showErrors), parsed[i]?.format ?? "clean"),
          ),
        };
      }
      const message = "The data changes faster than these queries run. Send them in parts";
      throw new HttpError(503, "Overloaded", message, RETRY_AFTER_S);
    });
  }

  /** `POST /api/query_ts`. */
  async timestamp(): Promise<JSONValue> {
    const { engine } = this.parts;
    const { ts } = engine.database;
    await engine.durable();
    return { ts: encodeTimestamp(ts) };
  }

  /** `POST /api/query_at_ts`. Only the present can be read: older versions of documents are not kept. */
  async callAt(exchange: Exchange): Promise<JSONValue> {
    const caller = await callerOf(exchange, this.parts.authenticator);
    const body = objectOf(await readBody(exchange, caller));
    const wanted = timestampOf(body["ts"]);
    const { call, format } = parseRequest(body, caller);
    const outcome = await whileConnected(exchange.request, (left) =>
      this.parts.engine.query(call, null, left),
    );
    if (outcome.ts !== wanted) {
      throw new HttpError(
        400,
        "TimestampNotAvailable",
        "The embedded backend keeps no older versions of documents, and the data has changed since this timestamp " +
          "was given out. Ask for a new one, or read everything in one query",
      );
    }
    return respond(forClients(outcome, this.parts.showErrors || caller.isAdmin), format);
  }

  /** `left`: the client has, and a query that has not begun need not run. */
  private async run(kind: Kind, { call, format }: Request, left: AbortSignal): Promise<JSONValue> {
    const { engine } = this.parts;
    const show = <O extends Outcome>(outcome: O): O =>
      forClients(outcome, this.parts.showErrors || call.visibility === "admin");
    switch (kind) {
      case "query":
        return respond(show(await engine.query(call, null, left)), format);
      case "mutation":
        return respond(show(await engine.mutation(call)), format);
      case "action":
        return respond(show(await engine.action(call)), format);
      default:
        return kind satisfies never;
    }
  }
}

function readBody(exchange: Exchange, { identity, isAdmin }: ApiCaller): Promise<JSONValue> {
  const { person, anonymous } = exchange.limits;
  return readJson(exchange, (identity === null && !isAdmin ? anonymous : person).messageBytes);
}

function parseRequest(
  { path, args, format, componentPath }: JsonObject,
  { identity, isAdmin, client }: ApiCaller,
): Request {
  if (typeof path !== "string" || path === "") {
    throw new HttpError(
      400,
      "BadConvexFunctionIdentifier",
      "`path` must name a function, as in `messages:list`",
    );
  }
  const component = typeof componentPath === "string" ? componentPath : "";
  if (component !== "" && !isAdmin) {
    throw new HttpError(
      403,
      "Forbidden",
      "Functions of components can only be called by functions of the app",
    );
  }
  if (path.length > MAX_PATH_LENGTH)
    throw new HttpError(400, "BadConvexFunctionIdentifier", "`path` is too long to name a function");
  const object: JSONValue | undefined = Array.isArray(args) ? args[0] : args;
  const malformed = malformedReason(object ?? null);
  if (malformed !== null) throw new HttpError(400, "BadConvexArgs", malformed);
  const call: FunctionCall = {
    address: { component, path: canonicalizePath(path) },
    args: object ?? {},
    identity,
    visibility: isAdmin ? "admin" : "public",
    requestId: newRequestId(),
    client,
  };
  return { call, format: parseFormat(format) };
}

function timestampOf(value: JSONValue | undefined): bigint {
  try {
    if (typeof value === "string") return decodeTimestamp(value);
  } catch {
    // Not one that was given out.
  }
  throw new HttpError(400, "BadJsonBody", "`ts` must be a timestamp, as /api/query_ts gives it");
}

function objectOf(value: JSONValue): JsonObject {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new HttpError(400, "BadJsonBody", "The request's body must be a JSON object");
  }
  return value;
}

function respond({ result, logLines }: Outcome, format: ValueFormat): JSONValue {
  const lines = logLines.length === 0 ? {} : { logLines };
  if (result.ok) return { status: "success", value: formatValue(result.value, format), ...lines };
  const { data } = result.error;
  const errorData = data === undefined ? {} : { errorData: formatValue(data, format) };
  return { status: "error", errorMessage: messageForClients(result.error), ...errorData, ...lines };
}
