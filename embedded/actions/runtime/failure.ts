/** What user code threw, in words. It may be anything, from any context. */
import { pathToFileURL } from "node:url";
import { failureOfThrown, type Thrown } from "../../functions/failures.ts";
import { mapFrames } from "../../functions/sourceMaps.ts";
import type { FunctionFailure } from "../../functions/types.ts";

const CONVEX_ERROR = Symbol.for("ConvexError");

/** `file` is the bundle whose frames are told; the others are the backend's own, or Node's. */
export function failureOf(thrown: unknown, file: string | null): FunctionFailure {
  return failureOfThrown(describeThrown(thrown, file));
}

/** One line about it. */
export function summaryOf(thrown: unknown): string {
  const { name, message } = describeThrown(thrown, null);
  return [name, message].filter((part) => part !== "").join(": ");
}

function describeThrown(thrown: unknown, file: string | null): Thrown {
  if (typeof thrown !== "object" || thrown === null) {
    return { name: "", message: safely(() => String(thrown)), frames: "" };
  }
  const error = thrown as { name?: unknown; message?: unknown; stack?: unknown; data?: unknown };
  const described: Thrown = {
    name: typeof error.name === "string" ? error.name : "",
    message: typeof error.message === "string" ? error.message : safely(() => JSON.stringify(thrown)),
    frames: file === null ? "" : safely(() => framesIn(file, String(error.stack))),
  };
  // `convex/server` has already turned the data into JSON text.
  if (CONVEX_ERROR in thrown && typeof error.data === "string") described.data = error.data;
  return described;
}

/** Native modules are known by URLs, to which the deployment's hash was added. */
function framesIn(file: string, stack: string): string {
  const url = pathToFileURL(file).href;
  const frames = stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.replace(url, file).replace(/\?deployment=[^:)]*/, ""));
  return mapFrames(file, frames.join("\n"));
}

/** User code may have made any of this throw. */
function safely(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
