/**
 * `Headers`, `Blob`, `File`, `FormData`, `Request` and `Response`. Bodies are held as bytes: there are no streams in
 * queries and mutations, where nothing can arrive later.
 */
import type { IsolateHost } from "./host.ts";

const NAME = /^[\w!#$%&'*+\-.^`|~]+$/;

class Headers {
  readonly #values = new Map<string, string[]>();

  constructor(init: unknown = []) {
    if (typeof init !== "object" || init === null) throw new TypeError("Headers must be made of an object.");
    const entries = Symbol.iterator in init ? (init as Iterable<[string, string]>) : Object.entries(init);
    for (const [name, value] of entries as Iterable<[string, string]>) this.append(name, value);
  }
  append(name: string, value: string): void {
    const key = normalizeName(name);
    this.#values.set(key, [...(this.#values.get(key) ?? []), normalizeValue(value)]);
  }
  set(name: string, value: string): void {
    this.#values.set(normalizeName(name), [normalizeValue(value)]);
  }
  get(name: string): string | null {
    return this.#values.get(normalizeName(name))?.join(", ") ?? null;
  }
  getSetCookie(): string[] {
    return [...(this.#values.get("set-cookie") ?? [])];
  }
  has(name: string): boolean {
    return this.#values.has(normalizeName(name));
  }
  delete(name: string): void {
    this.#values.delete(normalizeName(name));
  }
  forEach(callback: (value: string, name: string, headers: this) => void, self?: unknown): void {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }
  *entries(): Generator<[string, string]> {
    for (const name of [...this.#values.keys()].sort()) {
      const values = this.#values.get(name) ?? [];
      if (name === "set-cookie") for (const value of values) yield [name, value];
      else yield [name, values.join(", ")];
    }
  }
  *keys(): Generator<string> {
    for (const [name] of this) yield name;
  }
  *values(): Generator<string> {
    for (const [, value] of this) yield value;
  }
  [Symbol.iterator](): Generator<[string, string]> {
    return this.entries();
  }
  get [Symbol.toStringTag](): string {
    return "Headers";
  }
}

class Blob {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;

  constructor(parts: Iterable<unknown> = [], options: { type?: string } = {}) {
    this.#bytes = concat([...parts].map(toBytes));
    this.type = (options.type ?? "").toLowerCase();
  }
  static bytesOf(blob: Blob): Uint8Array<ArrayBuffer> {
    return blob.#bytes;
  }
  get size(): number {
    return this.#bytes.length;
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes.slice().buffer;
  }
  async bytes(): Promise<Uint8Array> {
    return this.#bytes.slice();
  }
  async text(): Promise<string> {
    return new TextDecoder().decode(this.#bytes);
  }
  slice(start?: number, end?: number, type = ""): Blob {
    return new Blob([this.#bytes.slice(start, end)], { type });
  }
  stream(): never {
    throw streamsUnsupported();
  }
  get [Symbol.toStringTag](): string {
    return "Blob";
  }
}

class File extends Blob {
  readonly name: string;
  readonly lastModified: number;
  constructor(
    parts: Iterable<unknown>,
    name: unknown,
    options: { type?: string; lastModified?: number } = {},
  ) {
    super(parts, options);
    this.name = String(name);
    this.lastModified = options.lastModified ?? Date.now();
  }
  override get [Symbol.toStringTag](): string {
    return "File";
  }
}

class FormData {
  #entries: [string, string | File][] = [];
  append(name: unknown, value: unknown, filename?: string): void {
    this.#entries.push([String(name), toEntry(value, filename)]);
  }
  set(name: string, value: unknown, filename?: string): void {
    this.delete(name);
    this.append(name, value, filename);
  }
  delete(name: string): void {
    this.#entries = this.#entries.filter(([key]) => key !== name);
  }
  get(name: string): string | File | null {
    return this.#entries.find(([key]) => key === name)?.[1] ?? null;
  }
  getAll(name: string): (string | File)[] {
    return this.#entries.filter(([key]) => key === name).map(([, value]) => value);
  }
  has(name: string): boolean {
    return this.#entries.some(([key]) => key === name);
  }
  forEach(callback: (value: string | File, name: string, form: this) => void): void {
    for (const [name, value] of this.#entries) callback(value, name, this);
  }
  *entries(): Generator<[string, string | File]> {
    yield* this.#entries;
  }
  *keys(): Generator<string> {
    for (const [name] of this.#entries) yield name;
  }
  *values(): Generator<string | File> {
    for (const [, value] of this.#entries) yield value;
  }
  [Symbol.iterator](): Generator<[string, string | File]> {
    return this.entries();
  }
  get [Symbol.toStringTag](): string {
    return "FormData";
  }
}

/** What `Request` and `Response` have in common. */
class Body {
  readonly #bytes: Uint8Array<ArrayBuffer> | null;
  readonly headers: Headers;
  bodyUsed = false;

  constructor(body: unknown, headers: unknown) {
    this.headers = new Headers(headers);
    this.#bytes = body === null || body === undefined ? null : toBytes(body);
    const type = contentTypeOf(body);
    if (type !== null && !this.headers.has("content-type")) this.headers.set("content-type", type);
  }
  get body(): null {
    if (this.#bytes === null) return null;
    throw streamsUnsupported();
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#take().slice().buffer;
  }
  async bytes(): Promise<Uint8Array> {
    return this.#take().slice();
  }
  async text(): Promise<string> {
    return new TextDecoder().decode(this.#take());
  }
  async json(): Promise<unknown> {
    return JSON.parse(await this.text()) as unknown;
  }
  async blob(): Promise<Blob> {
    return new Blob([this.#take()], { type: this.headers.get("content-type") ?? "" });
  }
  async formData(): Promise<FormData> {
    if (this.headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") !== true) {
      throw new Error(
        "Can't use formData() in queries and mutations. Please consider using an action. " +
          "See https://docs.convex.dev/functions/actions for more details.",
      );
    }
    const form = new FormData();
    for (const [name, value] of new URLSearchParams(await this.text())) form.append(name, value);
    return form;
  }
  /** The bytes of an unread body, for a copy of it. */
  static peek(body: Body): Uint8Array<ArrayBuffer> | null {
    if (body.bodyUsed) throw new TypeError("Body has already been consumed.");
    return body.#bytes;
  }
  #take(): Uint8Array<ArrayBuffer> {
    if (this.bodyUsed) throw new TypeError("Body has already been consumed.");
    this.bodyUsed = this.#bytes !== null;
    return this.#bytes ?? new Uint8Array();
  }
}

type RequestInit = {
  method?: string;
  headers?: unknown;
  body?: unknown;
  signal?: AbortSignal;
  redirect?: string;
};

class Request extends Body {
  readonly url: string;
  readonly method: string;
  readonly signal: AbortSignal;
  readonly redirect: string;
  constructor(input: unknown, init: RequestInit = {}) {
    const source = input instanceof Request ? input : null;
    super(init.body ?? (source === null ? null : Body.peek(source)), init.headers ?? source?.headers);
    this.url = source?.url ?? new URL(String(input)).href;
    this.method = (init.method ?? source?.method ?? "GET").toUpperCase();
    this.signal = init.signal ?? source?.signal ?? new AbortController().signal;
    this.redirect = init.redirect ?? source?.redirect ?? "follow";
    if ((this.method === "GET" || this.method === "HEAD") && Body.peek(this) !== null) {
      throw new TypeError("Request with GET/HEAD method cannot have body.");
    }
  }
  clone(): Request {
    return new Request(this);
  }
  get [Symbol.toStringTag](): string {
    return "Request";
  }
}

const NULL_BODY_STATUS = [101, 103, 204, 205, 304];

class Response extends Body {
  readonly status: number;
  readonly statusText: string;
  readonly type = "default";
  readonly url = "";
  readonly redirected = false;
  constructor(body: unknown = null, init: { status?: number; statusText?: string; headers?: unknown } = {}) {
    super(body, init.headers);
    this.status = init.status ?? 200;
    this.statusText = init.statusText ?? "";
    if (this.status < 200 || this.status > 599) throw new RangeError(`Invalid status code: ${this.status}`);
    if (NULL_BODY_STATUS.includes(this.status) && body !== null && body !== undefined) {
      throw new TypeError("Response with null body status cannot have body");
    }
  }
  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }
  clone(): Response {
    const { status, statusText, headers } = this;
    return new Response(Body.peek(this), { status, statusText, headers });
  }
  static json(data: unknown, init: { status?: number; headers?: unknown } = {}): Response {
    const headers = new Headers(init.headers);
    if (!headers.has("content-type")) headers.set("content-type", "application/json");
    return new Response(JSON.stringify(data), { ...init, headers });
  }
  static redirect(url: unknown, status = 302): Response {
    return new Response(null, { status, headers: { location: new URL(url as string).href } });
  }
  get [Symbol.toStringTag](): string {
    return "Response";
  }
}

let encode: (text: string) => Uint8Array<ArrayBuffer>;

export function installFetchTypes(global: Record<string, unknown>, host: IsolateHost): void {
  encode = (text) => {
    const bytes = host.encodeUtf8(text);
    const own = new Uint8Array(bytes.length);
    own.set(bytes);
    return own;
  };
  Object.assign(global, { Headers, Blob, File, FormData, Request, Response });
}

function toBytes(part: unknown): Uint8Array<ArrayBuffer> {
  if (part instanceof Blob) return Blob.bytesOf(part);
  if (part instanceof ArrayBuffer) return new Uint8Array(part.slice(0));
  if (ArrayBuffer.isView(part)) {
    return new Uint8Array(part.buffer as ArrayBuffer, part.byteOffset, part.byteLength).slice();
  }
  if (part instanceof FormData) {
    throw new Error(
      "A FormData body is not supported in queries and mutations. Use it in an action instead.",
    );
  }
  return encode(String(part));
}

function contentTypeOf(body: unknown): string | null {
  if (typeof body === "string") return "text/plain;charset=UTF-8";
  if (body instanceof URLSearchParams) return "application/x-www-form-urlencoded;charset=UTF-8";
  if (body instanceof Blob) return body.type === "" ? null : body.type;
  return null;
}

function toEntry(value: unknown, filename: string | undefined): string | File {
  if (!(value instanceof Blob)) return String(value);
  if (value instanceof File && filename === undefined) return value;
  return new File([value], filename ?? "blob", { type: value.type });
}

function concat(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}

function normalizeName(name: unknown): string {
  const text = String(name);
  if (!NAME.test(text)) throw new TypeError(`Invalid header name: ${text}`);
  return text.toLowerCase();
}

function normalizeValue(value: unknown): string {
  const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  if (/[\0\r\n]/.test(text)) throw new TypeError("Invalid header value.");
  return text;
}

function streamsUnsupported(): Error {
  return new Error(
    "Streams are not supported in queries and mutations by the embedded backend. Use them in an action, or read the " +
      "whole body with text(), json() or arrayBuffer().",
  );
}
