/** Words shared by everything that runs functions. */
import type { JSONValue } from "convex/values";
import type { ComponentPath, ReadSet, SchemaJson } from "../database/types.ts";
import type { Client } from "./client.ts";

export type FunctionKind = "query" | "mutation" | "action" | "httpAction";
export type Visibility = "public" | "internal";
/** `isolate`: Convex's own runtime. `node`: a `"use node"` module. */
export type Runtime = "isolate" | "node";

/** `path` is canonical: `folder/module:export`, with `:default` for a default export. */
export type FunctionAddress = { component: ComponentPath; path: string };

/**
 * The verified claims of the caller as `ctx.auth.getUserIdentity()` returns them. Whoever has a token has an `issuer` and a
 * `subject` too; whom an administrator acts as need not.
 */
export type Identity = Record<string, JSONValue> & { tokenIdentifier: string };

export type FunctionCall = {
  address: FunctionAddress;
  /** The one arguments object, in Convex's JSON encoding. */
  args: JSONValue;
  identity: Identity | null;
  /** Why who calls is not known: only asking for the identity fails. */
  identityError?: string;
  /**
   * `public` when a client calls: internal functions are then answered as unknown ones. `admin` when an administrator does,
   * who may also call the backend's own `_system` queries (`admin/systemQueries.ts`).
   */
  visibility: "public" | "any" | "admin";
  /** Names the request that this call serves, if somebody waits for its answer (`newRequestId`). */
  requestId?: string;
  /** Whom it serves, unless the server has begun it itself. */
  client?: Client;
  /** The scheduled function that it is, or that has called it. */
  scheduledFunctionId?: string;
};

export type FunctionFailure = {
  /** What was thrown and from where, as Convex's log has it: it ends with a line break. */
  message: string;
  /** `message` without the stack, if it has one. */
  header?: string;
  /** There exactly for a `ConvexError`, in Convex's JSON encoding. */
  data?: JSONValue;
  /** Of the request that failed: in the log, and in what clients are told. Nested calls have none of their own. */
  requestId?: string;
};

export type FunctionResult = { ok: true; value: JSONValue } | { ok: false; error: FunctionFailure };

export type QueryOutcome = {
  result: FunctionResult;
  logLines: string[];
  readSet: ReadSet;
  /** Did it look at the caller's identity? If not, all callers share one execution. */
  readIdentity: boolean;
  /** Did it look at the clock? Then its result grows old although nothing was committed. */
  readTime: boolean;
  journal: string | null;
};

export type MutationOutcome = { result: FunctionResult; logLines: string[] };
export type ActionOutcome = { result: FunctionResult; logLines: string[] };

export type FunctionInfo = {
  kind: Exclude<FunctionKind, "httpAction">;
  visibility: Visibility;
  runtime: Runtime;
  /** Validators in the JSON form of `exportArgs()` and `exportReturns()`. */
  args: JSONValue;
  returns: JSONValue | null;
};

/** An entry of `crons.ts` as `crons.export()` gives it: name → spec. */
export type CronJson = { name: string; args: JSONValue[]; schedule: JSONValue };

/** Where a component's environment variable comes from: a constant, or a variable of its parent. */
export type EnvBinding = { value: string } | { fromParent: string };

export type ComponentBundle = {
  path: ComponentPath;
  /** What `process.env` holds in this component, or `null` in the app, which sees the deployment's own. */
  env: ReadonlyMap<string, EnvBinding> | null;
  /** Name of each child as mounted in `convex.config.ts` → its path. */
  children: ReadonlyMap<string, ComponentPath>;
  schema: SchemaJson | null;
  functions: ReadonlyMap<string, FunctionInfo>;
  crons: ReadonlyMap<string, CronJson>;
  /** Routes of the default export of `http.ts`: `[path or "prefix*", method]`. */
  httpRoutes: readonly (readonly [path: string, method: string])[];
  /**
   * One classic script that sets `globalThis.convexModules`: an object that maps the name of each module of the
   * isolate runtime (`folder/module`) to a function that evaluates it, once, and returns its namespace.
   */
  isolateCode: string;
  /** Where `isolateCode` is on disk: its name in stack traces. Its source map is beside it, as `<file>.map`. */
  isolateFile: string;
  /**
   * Absolute path of an ES module, or `null`. It exports `modules`: the name of each `"use node"` module → a function
   * that evaluates it and resolves to its namespace.
   */
  nodeFile: string | null;
};

export type AuthProviderJson =
  | { domain: string; applicationID: string }
  | {
      type: "customJwt";
      issuer: string;
      jwks: string;
      algorithm: string;
      applicationID?: string;
    };

/** All code of one version of the app. */
export type Deployment = {
  /** Changes exactly when the code does. */
  hash: string;
  components: ReadonlyMap<ComponentPath, ComponentBundle>;
  authProviders: readonly AuthProviderJson[];
  /** The classic script that makes a bare context into Convex's runtime for queries and mutations (`isolate/`). */
  runtimeCode: string;
};

/**
 * An expected failure of a caller's making. Its message reaches the client as Convex's own would; anything else
 * that is thrown is a defect of the backend and is logged as one.
 */
export class UserError extends Error {
  override name = "UserError";
  /** `code` is Convex's short name of the error where there is one, for example `ArgumentValidationError`. */
  constructor(
    message: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

/** One that reaches the client as a `ConvexError` with this `data`, as what a nested function threw does. */
export class UserErrorWithData extends UserError {
  constructor(
    message: string,
    readonly data: JSONValue,
    code?: string,
  ) {
    super(message, code);
  }
}
