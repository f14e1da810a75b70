/**
 * `Request` and `Response` as in Convex's `npm-packages/udf-runtime/src/23_request.ts` and `23_response.ts`, but for
 * streams and bodies of `FormData`. What they have not, or do not as the standard says, is so here too.
 */
import { Blob, File, FormData, isBlobPart, streamsUnsupported } from "./blob.ts";
import { notImplemented } from "./errors.ts";
import { Headers } from "./headers.ts";

/** What `Request` and `Response` have in common. */
abstract class Body {
  #blob: Blob | null = null;
  #isUsed = false;

  constructor(readonly headers: Headers) {}

  abstract get [Symbol.toStringTag](): string;

  get body(): null {
    if (this.#blob === null) return null;
    throw streamsUnsupported();
  }
  get bodyUsed(): boolean {
    return this.#isUsed;
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return await Body.take(this, "arrayBuffer").arrayBuffer();
  }
  async text(): Promise<string> {
    return await Body.take(this, "text").text();
  }
  async json(): Promise<unknown> {
    return JSON.parse(await Body.take(this, "json").text()) as unknown;
  }
  async blob(): Promise<Blob> {
    return new Blob([Body.take(this, "blob")], { type: this.headers.get("content-type") ?? "" });
  }
  async formData(): Promise<FormData> {
    const blob = Body.take(this, "formData");
    if (this.headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") !== true) {
      throw new Error(
        "Can't use formData() in queries and mutations. Please consider using an action. " +
          "See https://docs.convex.dev/functions/actions for more details.",
      );
    }
    const form = new FormData();
    for (const [name, value] of new URLSearchParams(await blob.text())) form.append(name, value);
    return form;
  }

  /** The body, which is used up by that; an empty one if there is none. `method` is for the error if it is used up already. */
  static take(body: Body, method: string): Blob {
    const blob = Body.peek(body, method);
    body.#isUsed = blob !== null;
    return blob ?? new Blob();
  }
  /** The body, for a copy. */
  static peek(body: Body, method: string): Blob | null {
    if (!body.#isUsed) return body.#blob;
    const name = body[Symbol.toStringTag];
    throw new TypeError(`Failed to execute '${method}' on '${name}': body stream already read`);
  }
  static give(body: Body, blob: Blob | null): void {
    body.#blob = blob;
  }
}

const METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
type RequestInit = { method?: unknown; headers?: unknown; body?: unknown; signal?: AbortSignal | null };

class Request extends Body {
  readonly url: string;
  readonly method: string;
  readonly signal: AbortSignal;

  constructor(input: unknown, init: RequestInit = {}) {
    const source = input instanceof Request ? input : null;
    const url = source?.url ?? httpUrlOf(input);
    super(new Headers(init.headers ?? source?.headers));
    this.url = url;
    this.method = typeof init.method === "string" ? methodOf(init.method) : (source?.method ?? "GET");
    this.signal = init.signal ?? source?.signal ?? new AbortController().signal;
    if (init.body !== null && init.body !== undefined) {
      if (this.method === "GET" || this.method === "HEAD") {
        throw new TypeError("Failed to construct 'Request': Request with GET/HEAD method cannot have body.");
      }
      // Not so in responses.
      if (init.body instanceof URLSearchParams) {
        addType(this.headers, "application/x-www-form-urlencoded;charset=UTF-8");
      }
      Body.give(this, bodyOf(init.body, this.headers, "Request"));
    } else if (source !== null) {
      // A body that is not replaced belongs to the new request from now on.
      const blob = Body.peek(source, "new Request()");
      Body.take(source, "new Request()");
      Body.give(this, blob);
    }
  }
  clone(): Request {
    const { url, headers, method } = this;
    const copy = new Request(url, { headers, method });
    Body.give(copy, Body.peek(this, "clone"));
    return copy;
  }
  get [Symbol.toStringTag](): string {
    return "Request";
  }
}

const UNKNOWN_OF_REQUESTS = [
  ...["destination", "referrer", "referrerPolicy", "mode", "credentials", "cache", "redirect", "integrity"],
  ...["keepalive", "isReloadNavigation", "isHistoryNavigation", "duplex"],
];
for (const name of UNKNOWN_OF_REQUESTS) {
  Object.defineProperty(Request.prototype, name, {
    get(): never {
      throw notImplemented(`get ${name}`, "Request");
    },
    configurable: true,
  });
}

type ResponseInit = { status?: unknown; statusText?: string; headers?: unknown; url?: string };

class Response extends Body {
  readonly status: number;
  readonly statusText: string;
  readonly type = "default";
  readonly url: string;
  readonly redirected = false;

  constructor(body?: unknown, init?: ResponseInit) {
    super(new Headers(init?.headers));
    const given = init?.status ?? 200;
    const status = typeof given === "string" ? Number(given) : given;
    if (typeof status !== "number" || !Number.isInteger(status) || status < 200 || status > 599) {
      throw new RangeError(
        "Failed to construct 'Response': The status provided is outside the range [200, 599].",
      );
    }
    this.status = status;
    this.statusText = init?.statusText ?? "";
    this.url = init?.url ?? "";
    if (body !== null && body !== undefined) Body.give(this, bodyOf(body, this.headers, "Response"));
  }
  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }
  clone(): Response {
    const { status, statusText, headers } = this;
    const copy = new Response(null, { status, statusText, headers });
    Body.give(copy, Body.peek(this, "clone"));
    return copy;
  }
  static error(): Response {
    return new Response(null, { status: 500 });
  }
  static json(data: unknown, init?: ResponseInit): Response {
    const response = new Response(jsonOf(data), init);
    response.headers.set("content-type", "application/json");
    return response;
  }
  static redirect(url: unknown, status = 302): Response {
    const location = typeof url === "string" ? url : (url as URL).href;
    return new Response(null, { status, headers: { location } });
  }
  get [Symbol.toStringTag](): string {
    return "Response";
  }
}

export function installFetchTypes(global: Record<string, unknown>): void {
  Object.assign(global, { Headers, Blob, File, FormData, Request, Response });
}

/** The bytes of a body; its type is added to the headers if they name none. */
function bodyOf(body: unknown, headers: Headers, className: string): Blob {
  if (typeof body === "string") addType(headers, "text/plain;charset=UTF-8");
  if (body instanceof Blob && body.type !== "") addType(headers, body.type);
  if (body instanceof FormData) {
    throw new Error(
      "A FormData body is not supported in queries and mutations. Use it in an action instead.",
    );
  }
  const part = body instanceof URLSearchParams ? body.toString() : body;
  if (isBlobPart(part)) return new Blob([part]);
  throw notImplemented(
    "constructor with body type other than string | ArrayBuffer | Blob | ReadableStream | null",
    className,
  );
}

function addType(headers: Headers, type: string): void {
  if (!headers.has("content-type")) headers.set("content-type", type);
}

function methodOf(method: string): string {
  const upper = method.toUpperCase();
  return METHODS.includes(upper) ? upper : method;
}

function httpUrlOf(input: unknown): string {
  if (input === undefined) throw new TypeError("Request URL is undefined");
  if (typeof input !== "string" && !(input instanceof URL)) {
    throw new TypeError(`Failed to parse URL from a ${typeof input}`);
  }
  const { href, protocol } = new URL(input);
  if (protocol === "http:" || protocol === "https:") return href;
  throw new TypeError(
    `Unsupported URL scheme -- http and https are supported (scheme was ${protocol.slice(0, -1)})`,
  );
}

function jsonOf(data: unknown): string {
  const refusal = "Failed to execute 'json' on 'Response': The data is not JSON serializable";
  if (data === undefined) throw new TypeError(refusal);
  try {
    return JSON.stringify(data);
  } catch {
    throw new TypeError(refusal);
  }
}
