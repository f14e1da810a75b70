/** What user code threw, in words. It may be anything, from any context. */
import type { FunctionFailure } from "../../functions/types.ts";
import type { JSONValue } from "convex/values";

const CONVEX_ERROR = Symbol.for("ConvexError");

/** `convex/server` has already encoded the `data` of a `ConvexError` as JSON text. */
export function toFailure(thrown: unknown): FunctionFailure {
  const data = convexErrorData(thrown);
  return { message: `Uncaught ${describe(thrown)}`, ...(data !== undefined && { data }) };
}

function convexErrorData(thrown: unknown): JSONValue | undefined {
  if (typeof thrown !== "object" || thrown === null || !(CONVEX_ERROR in thrown)) return undefined;
  const { data } = thrown as { data?: unknown };
  return typeof data === "string" ? (JSON.parse(data) as JSONValue) : undefined;
}

/** The stack, which begins with name and message, or what else can be said. User code may have made it throw. */
export function describe(thrown: unknown): string {
  try {
    if (typeof thrown === "object" && thrown !== null && "message" in thrown) {
      const { name, message, stack } = thrown as { name?: unknown; message: unknown; stack?: unknown };
      const summary = `${typeof name === "string" && name !== "" ? name : "Error"}: ${String(message)}`;
      return typeof stack === "string" ? `${summary}\n${framesOf(stack)}`.trimEnd() : summary;
    }
    return String(thrown);
  } catch {
    return "unknown error";
  }
}

/** The lines of a stack that say where, without those inside this backend and Node. */
function framesOf(stack: string): string {
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  return frames.filter((line) => !/\(?node:|embedded\/actions\/|actionWorker/.test(line)).join("\n");
}
