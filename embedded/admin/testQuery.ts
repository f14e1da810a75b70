/** `convex run --inline-query`: a query that is no function of the deployment, run once. */
import type { JSONValue } from "convex/values";
import type { Core } from "../core.ts";
import { createExecutor } from "../functions/executor.ts";
import type { ComponentBundle, Deployment, FunctionInfo, QueryOutcome } from "../functions/types.ts";
import { silentLog } from "../log.ts";
import { HttpError } from "../http/respond.ts";

/** A name that no module of an app can have. */
const MODULE = "_system/testQuery";
const FUNCTION: FunctionInfo = {
  kind: "query",
  visibility: "public",
  runtime: "isolate",
  args: { type: "any" },
  returns: null,
};

/** Answers as `/api/function` does. The query sees the component's data and can call its functions; it cannot write. */
export async function runTestQuery(
  core: Core,
  body: Readonly<Record<string, JSONValue>>,
): Promise<JSONValue> {
  const { bundle, args, componentId } = body;
  const { source } = (bundle ?? {}) as { source?: JSONValue };
  if (typeof source !== "string") throw new HttpError(400, "BadJsonBody", "`bundle.source` must be a string");
  const component = typeof componentId === "string" ? componentId : "";
  // Loaded by need only: it needs a bundler.
  const { bundleTestQuery } = await import("./bundleTestQuery.ts");
  const code = await bundleTestQuery(source, MODULE);
  const executor = createExecutor({
    deployment: withModule(core.executor.deployment, component, code),
    env: core.executor.env,
    log: silentLog,
  });
  const call = {
    address: { component, path: `${MODULE}:default` },
    args: args ?? {},
    identity: null,
    visibility: "any" as const,
  };
  const { result, logLines } = await core.engine.transact((): QueryOutcome =>
    executor.runQuery(call, core.database.begin("query"), null),
  );
  if (result.ok) return { status: "success", value: result.value, logLines };
  const { message, data } = result.error;
  return { status: "error", errorMessage: message, ...(data !== undefined && { errorData: data }), logLines };
}

function withModule(deployment: Deployment, path: string, code: string): Deployment {
  const bundle = deployment.components.get(path);
  if (bundle === undefined) throw new HttpError(400, "ComponentNotFound", `Component "${path}" not found`);
  const extended: ComponentBundle = {
    ...bundle,
    isolateCode: `${bundle.isolateCode}\n${code}`,
    functions: new Map(bundle.functions).set(`${MODULE}:default`, FUNCTION),
  };
  return { ...deployment, components: new Map(deployment.components).set(path, extended) };
}
