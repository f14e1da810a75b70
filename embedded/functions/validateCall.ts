/** What is checked of a call before its function runs and of its result after, in Convex's order and words. */
import type { JSONValue } from "convex/values";
import { formatBinary } from "../values/display.ts";
import { hasLoneSurrogate, measureValue } from "../values/normalize.ts";
import { validateValue } from "../values/validate.ts";
import { displayPath, findFunction, inComponent } from "./references.ts";
import type { ComponentPath } from "../database/types.ts";
import {
  UserError,
  type Deployment,
  type FunctionAddress,
  type FunctionCall,
  type FunctionInfo,
  type FunctionKind,
} from "./types.ts";

/** Bytes as Convex counts those of values; its `FUNCTION_MAX_ARGS_SIZE` and `FUNCTION_MAX_RESULT_SIZE`. */
export const MAX_ARGS_SIZE = 1 << 24;
export const MAX_RESULT_SIZE = 1 << 24;

/** Bytes of the list that holds the one arguments object. */
const ARGS_LIST_SIZE = 2;

const KIND_NAMES: Record<FunctionKind, string> = {
  query: "Query",
  mutation: "Mutation",
  action: "Action",
  httpAction: "HttpAction",
};

/** Which strings are ids of which tables: a component's own. */
export interface IdLookup {
  normalizeId(component: ComponentPath, table: string, id: string): string | null;
  tableOf(component: ComponentPath, id: string): string | null;
}

/** `argsSize`: bytes, as Convex counts them. */
export type CheckedCall =
  { ok: true; info: FunctionInfo; argsJson: string; argsSize: number } | { ok: false; message: string };

/** Is there such a function, may it be called, is it of this kind, and do the arguments fit? */
export function checkCall(
  deployment: Deployment,
  { address, args, visibility }: Pick<FunctionCall, "address" | "args" | "visibility">,
  kind: Exclude<FunctionKind, "httpAction">,
  ids: IdLookup,
): CheckedCall {
  const info = findFunction(deployment, address);
  // One answer for both, so that nobody learns which internal functions exist.
  if (info === null || (visibility === "public" && info.visibility !== "public")) {
    return refuse(
      `Could not find public function for '${displayPath(address)}'${inComponent(address)}. ` +
        "Did you forget to run `npx convex dev` or `npx convex deploy`?",
    );
  }
  if (info.kind !== kind) {
    return refuse(
      `Trying to execute ${modulePath(address)}${inComponent(address)} as ${KIND_NAMES[kind]}, ` +
        `but it is defined as ${KIND_NAMES[info.kind]}.`,
    );
  }
  if (typeof args !== "object" || args === null || Array.isArray(args)) {
    return refuse(`Arguments for ${modulePath(address)} must be one object.`);
  }
  const argsJson = JSON.stringify([args]);
  const measured = measure(args, argsJson);
  if (!measured.ok) return refuse(`Invalid arguments for ${modulePath(address)}: ${measured.message}`);
  const argsSize = measured.size + ARGS_LIST_SIZE;
  if (argsSize > MAX_ARGS_SIZE) {
    return refuse(
      `Arguments for ${modulePath(address)} are too large ${actualAndLimit(argsSize, MAX_ARGS_SIZE)}`,
    );
  }
  const mismatch = checkArgs(info, args, address.component, ids);
  return mismatch === null ? { ok: true, info, argsJson, argsSize } : refuse(mismatch);
}

/** `null`, or an `ArgumentValidationError` as text. */
function checkArgs(
  info: FunctionInfo,
  args: JSONValue,
  component: ComponentPath,
  ids: IdLookup,
): string | null {
  const mismatch = validateValue(info.args, args, resolverFor(component, ids));
  return mismatch === null ? null : `ArgumentValidationError: ${mismatch}`;
}

export type CheckedReturn = { ok: true; size: number } | { ok: false; message: string };

/** May the result be returned? `size`: its bytes, as Convex counts them. */
export function checkReturns(
  address: FunctionAddress,
  info: FunctionInfo,
  value: JSONValue,
  resultJson: string,
  ids: IdLookup,
): CheckedReturn {
  const name = modulePath(address);
  const measured = measure(value, resultJson);
  if (!measured.ok) return refuse(`Function ${name} return value invalid: ${measured.message}`);
  if (measured.size > MAX_RESULT_SIZE) {
    return refuse(
      `Function ${name} return value is too large ${actualAndLimit(measured.size, MAX_RESULT_SIZE)}`,
    );
  }
  if (info.returns === null) return measured;
  const mismatch = validateValue(info.returns, value, resolverFor(address.component, ids));
  return mismatch === null ? measured : refuse(`ReturnsValidationError: ${mismatch}`);
}

/** The size of a value that is also there as JSON text, or why it is none. */
function measure(
  value: JSONValue,
  json: string,
): { ok: true; size: number } | { ok: false; message: string } {
  if (hasLoneSurrogate(json)) {
    const message = "it holds text with half a character: a lone surrogate, as slicing a string leaves one";
    return { ok: false, message };
  }
  try {
    return { ok: true, size: measureValue(value) };
  } catch (error) {
    if (error instanceof UserError) return { ok: false, message: error.message };
    throw error;
  }
}

function actualAndLimit(actual: number, limit: number): string {
  return `(actual: ${formatBinary(actual)}, limit: ${formatBinary(limit)})`;
}

function resolverFor(component: ComponentPath, ids: IdLookup) {
  return {
    isIdOf: (table: string, id: string) => ids.normalizeId(component, table, id) !== null,
    tableOf: (id: string) => ids.tableOf(component, id),
  };
}

/** With the extension, which is how Convex writes paths in these messages. */
function modulePath(address: FunctionAddress): string {
  const colon = address.path.lastIndexOf(":");
  return `${address.path.slice(0, colon)}.js${address.path.slice(colon)}`;
}

function refuse(message: string): { ok: false; message: string } {
  return { ok: false, message };
}
