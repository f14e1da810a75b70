/** Errors at the border of the context: those thrown in here, as the process outside reads them, and back. */
import type { HostError, IsolateHost } from "./host.ts";

/** What a function threw. `frames` is a stack trace in terms of source files; `data` is a `ConvexError`'s, as JSON. */
export type ThrownJson = { name: string; message: string; frames: string; data?: string };

const frames = new WeakMap<object, string>();
/** Enough to see, past the frames of the backend, the functions that await the one that failed. */
const FRAMES_CAPTURED = 100;
const CONVEX_ERROR = Symbol.for("ConvexError");

/** Makes stack traces name source files. They are mapped when they are looked at, not when an error is made. */
export function installStackTraces(host: IsolateHost): void {
  const prepare = (error: object, callSites: readonly CallSite[]): string => {
    const mapped = host.mapFrames(callSites.map(frameOf).join("\n"));
    frames.set(error, mapped);
    return mapped === "" ? headerOf(error) : `${headerOf(error)}\n${mapped}`;
  };
  (Error as unknown as { prepareStackTrace: typeof prepare }).prepareStackTrace = prepare;
  Error.stackTraceLimit = FRAMES_CAPTURED;
}

/** What V8 tells of a frame. */
type CallSite = {
  getTypeName(): string | null;
  getFunctionName(): string | null;
  getMethodName(): string | null;
  getFileName(): string | null;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
  isToplevel(): boolean;
  isConstructor(): boolean;
  isAsync(): boolean;
  isPromiseAll(): boolean;
  toString(): string;
};

/** A frame as Convex writes it (`FrameData` in its `crates/common/src/errors.rs`), which is not quite as V8 does. */
function frameOf(site: CallSite): string {
  if (site.isPromiseAll()) return site.toString();
  const position = `${site.getFileName()}:${site.getLineNumber()}:${site.getColumnNumber()}`;
  return `${site.isAsync() ? "async " : ""}${functionNameOf(site)} (${position})`;
}

function functionNameOf(site: CallSite): string {
  const name = site.getFunctionName();
  if (site.isConstructor()) return `new ${name ?? "<anonymous>"}`;
  const type = site.isToplevel() ? null : site.getTypeName();
  if (type === null) return name ?? "<anonymous>";
  const method = site.getMethodName();
  if (name === null) return `${type}.${method ?? "<anonymous>"}`;
  const prefix = name.startsWith(type) ? `${type}.` : "";
  return `${prefix}${name}${method !== null && name.endsWith(method) ? ` [as ${method}]` : ""}`;
}

/** Describes what a function threw, which may be anything. */
export function describeThrown(thrown: unknown): ThrownJson {
  if (typeof thrown !== "object" || thrown === null) {
    return { name: "", message: safely(() => String(thrown)), frames: "" };
  }
  const error = thrown as { name?: unknown; message?: unknown; stack?: unknown; data?: unknown };
  // The trace is made when it is first read.
  safely(() => String(error.stack));
  const isError = thrown instanceof Error;
  const described: ThrownJson = {
    name: isError || typeof error.name === "string" ? safely(() => String(error.name)) : "",
    message: safely(() =>
      isError || error.message !== undefined ? String(error.message) : JSON.stringify(thrown),
    ),
    frames: frames.get(thrown) ?? "",
  };
  // `convex/server` has already turned the data into JSON text.
  if (CONVEX_ERROR in thrown && typeof error.data === "string") described.data = error.data;
  return described;
}

/** Throws the error because of which a host function returned `null`. */
export function throwHostError(host: IsolateHost): never {
  throw toError(JSON.parse(host.takeError()) as HostError);
}

/** As `throwHostError`; but a function that must not go on gets a promise that it waits for without end. */
export function rejectWithHostError(host: IsolateHost): Promise<never> {
  const error = JSON.parse(host.takeError()) as HostError;
  return error.endsRun === true ? new Promise(() => undefined) : Promise.reject(toError(error));
}

/** What Convex's runtime does not have: its words (`npm-packages/udf-runtime/src/helpers.ts`). */
export function notImplemented(operation: string, className: string, reason?: string): Error {
  return new Error(
    `Not implemented: ${operation} for ${className}${reason === undefined ? "" : `: ${reason}`}. ` +
      "Consider calling an action defined in Node.js instead (https://docs.convex.dev/functions/actions).",
  );
}

function toError({ message, name, data }: HostError): Error {
  switch (name) {
    case undefined:
    case "Error": {
      const error = new Error(message);
      // `convex/server` makes a ConvexError of an error with data.
      if (data !== undefined) (error as Error & { data: unknown }).data = data;
      return error;
    }
    case "TypeError":
      return new TypeError(message);
    case "RangeError":
      return new RangeError(message);
    default:
      return new DOMException(message, name);
  }
}

function headerOf(error: object): string {
  return safely(() => Error.prototype.toString.call(error));
}

function safely(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
