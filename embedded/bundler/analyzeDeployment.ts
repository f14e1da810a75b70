/** From evaluated modules to what the backend has to know of them. Complaints are in Convex's words where it has some. */
import { Worker } from "node:worker_threads";
import { pathToFileURL } from "node:url";
import type { JSONValue } from "convex/values";
import type { SchemaJson } from "../database/types.ts";
import { failureOfThrown } from "../functions/failures.ts";
import { compileScripts, FunctionContext } from "../functions/functionContext.ts";
import type { Environment } from "../functions/environment.ts";
import type { AnalyzedFunction, AnalyzedModule } from "../functions/isolate/analyze.ts";
import { canonicalizePath } from "../functions/references.ts";
import type {
  AuthProviderJson,
  ComponentBundle,
  CronJson,
  FunctionInfo,
  Runtime,
} from "../functions/types.ts";
import { BuildError } from "./buildError.ts";

/** Milliseconds that loading the `"use node"` modules may take. They may be large, but not wait for anything. */
const NODE_ANALYZE_TIMEOUT_MS = 20_000;

export type Analysis = Pick<ComponentBundle, "schema" | "functions" | "crons" | "httpRoutes">;

/** Evaluates the modules of a bundle with these variables, or gives what was found in the same ones before. */
export type ModulesOf = (
  runtime: Runtime,
  env: Environment,
  evaluate: () => Promise<AnalyzedModule[]>,
) => Promise<AnalyzedModule[]>;

/** Evaluates all modules of one component, those of each runtime by `modulesOf`. */
export async function analyzeComponent(
  runtimeCode: string,
  component: Pick<ComponentBundle, "isolateCode" | "isolateFile" | "nodeFile">,
  env: Environment,
  modulesOf: ModulesOf,
): Promise<Analysis> {
  const { nodeFile } = component;
  // Those of Node.js first: they are loaded in another thread meanwhile.
  const [nodeModules, isolateModules] = await Promise.allSettled([
    nodeFile === null ? [] : modulesOf("node", env, () => analyzeNode(runtimeCode, nodeFile, env)),
    modulesOf("isolate", env, async () => analyzeIsolate(runtimeCode, component, env)),
  ]);
  if (isolateModules.status === "rejected") throw isolateModules.reason;
  if (nodeModules.status === "rejected") throw nodeModules.reason;
  return analysisOf(isolateModules.value, nodeModules.value);
}

function analysisOf(
  isolateModules: readonly AnalyzedModule[],
  nodeModules: readonly AnalyzedModule[],
): Analysis {
  const named = (name: string) => isolateModules.find((module) => module.name === name);

  const functions = new Map<string, FunctionInfo>();
  addFunctions(functions, isolateModules, "isolate");
  addFunctions(functions, nodeModules, "node");

  const crons = new Map(
    Object.entries(JSON.parse(named("crons")?.exported ?? "{}") as Record<string, CronJson>),
  );
  for (const [identifier, cron] of crons) {
    const path = canonicalizePath(cron.name);
    const kind = functions.get(path)?.kind;
    if (kind !== "mutation" && kind !== "action") {
      throw new BuildError(
        `The cron job '${identifier}' schedules '${cron.name}', which is ` +
          `${kind === undefined ? "no exported function" : "a query"}. Only mutations and actions can be scheduled.`,
      );
    }
  }
  const schema = named("schema")?.exported;
  return {
    schema: schema === undefined ? null : (JSON.parse(schema) as SchemaJson),
    functions,
    crons,
    httpRoutes: named("http")?.routes ?? [],
  };
}

/** Evaluates `auth.config` with the environment as it is now. */
export function readAuthProviders(
  runtimeCode: string,
  app: Pick<ComponentBundle, "isolateCode" | "isolateFile">,
  env: Environment,
): AuthProviderJson[] {
  const config = analyzeIsolate(runtimeCode, app, env, true).find(({ name }) => name === "auth.config");
  if (config?.exported === undefined) return [];
  const { providers } = JSON.parse(config.exported) as { providers?: unknown };
  if (!Array.isArray(providers)) {
    throw new BuildError("auth.config.ts: the default export must be an object with a list `providers`.");
  }
  return providers.map(checkProvider);
}

function analyzeIsolate(
  runtimeCode: string,
  component: Pick<ComponentBundle, "isolateCode" | "isolateFile">,
  env: Environment,
  authOnly = false,
): AnalyzedModule[] {
  const context = new FunctionContext(compileScripts(runtimeCode, component, JSON.stringify(env)));
  let analyzed: AnalyzedModule[];
  try {
    analyzed = JSON.parse(context.analyze(authOnly ? "auth.config" : null)) as AnalyzedModule[];
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new BuildError(
      "Loading the modules takes too long. Code at the top level of a module must end at once.",
    );
  }
  for (const { name, thrown } of analyzed) {
    // auth.config may need variables that are not set yet when the functions are built.
    if (thrown === undefined || (name === "auth.config" && !authOnly)) continue;
    throw new BuildError(`Failed to analyze ${name}.js: ${failureOfThrown(thrown).message.trimEnd()}`);
  }
  return analyzed;
}

/** Node modules are loaded in a thread of their own, which is then thrown away with whatever they have done. */
async function analyzeNode(
  runtimeCode: string,
  nodeFile: string,
  env: Environment,
): Promise<AnalyzedModule[]> {
  const worker = new Worker(NODE_ANALYSIS, {
    eval: true,
    workerData: { runtimeCode, url: pathToFileURL(nodeFile).href },
    env: { ...env },
    execArgv: ["--enable-source-maps"],
    stdout: true,
    stderr: true,
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const analyzed = await new Promise<(AnalyzedModule & { error?: string })[]>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new BuildError('Loading the "use node" modules takes too long.'));
      }, NODE_ANALYZE_TIMEOUT_MS);
      worker.once("message", resolve);
      worker.once("error", (error: unknown) => {
        reject(new BuildError(`Failed to analyze the "use node" modules: ${describe(error)}`));
      });
      worker.once("exit", (code) => {
        reject(
          new BuildError(`A "use node" module ended the process with code ${code} while it was loaded.`),
        );
      });
    });
    for (const { name, error, functions } of analyzed) {
      if (error !== undefined) throw new BuildError(`Failed to analyze ${name}.js: Uncaught ${error}`);
      const wrong = functions.find(({ kind }) => kind !== "action");
      if (wrong !== undefined) {
        throw new BuildError(
          `\`${wrong.exportName}\` defined in \`${name}.js\` is a ${KIND_NAMES[wrong.kind]} function. Only actions can ` +
            'be defined in Node.js. Move it to a file without "use node". ' +
            "See https://docs.convex.dev/functions/actions for more details.",
        );
      }
    }
    return analyzed;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

const KIND_NAMES: Record<AnalyzedFunction["kind"], string> = {
  query: "Query",
  mutation: "Mutation",
  action: "Action",
  httpAction: "HttpAction",
};

/** Runs in the thread. */
const NODE_ANALYSIS = `
const { parentPort, workerData } = require("node:worker_threads");
const { functionsOf } = require("node:vm").runInThisContext(workerData.runtimeCode + "\\n;convexRuntime;");
import(workerData.url).then(async ({ modules }) => {
  const analyzed = [];
  for (const [name, load] of Object.entries(modules)) {
    try {
      analyzed.push({ name, functions: functionsOf(name, await load()) });
    } catch (error) {
      analyzed.push({ name, functions: [], error: String((error && error.stack) || error) });
    }
  }
  parentPort.postMessage(analyzed);
});
`;

function addFunctions(
  functions: Map<string, FunctionInfo>,
  modules: readonly AnalyzedModule[],
  runtime: Runtime,
): void {
  for (const module of modules) {
    for (const { exportName, kind, visibility, args, returns } of module.functions) {
      if (kind === "httpAction") continue;
      functions.set(`${module.name}:${exportName}`, {
        kind,
        visibility,
        runtime,
        args: JSON.parse(args) as JSONValue,
        returns: JSON.parse(returns) as JSONValue,
      });
    }
  }
}

function checkProvider(provider: unknown): AuthProviderJson {
  const fields = provider as Partial<Record<string, unknown>>;
  const isCustom = fields["type"] === "customJwt";
  const required = isCustom ? ["issuer", "jwks", "algorithm"] : ["domain", "applicationID"];
  const missing = required.find((name) => typeof fields[name] !== "string");
  if (missing !== undefined) {
    throw new BuildError(
      `auth.config.ts: a provider has no \`${missing}\`. If it comes from an environment variable, is that set?`,
    );
  }
  checkIssuerUrl(fields[isCustom ? "issuer" : "domain"] as string);
  if (isCustom) checkAlgorithm(fields["algorithm"] as string);
  return provider as AuthProviderJson;
}

/** (`deserialize_issuer_url` in convex-backend's `crates/common/src/auth.rs`, which also knows the list of top-level domains.) */
function checkIssuerUrl(given: string): void {
  const refuse = (reason: string): never => {
    throw new BuildError(`auth.config.ts: Invalid provider domain URL "${given}": ${reason}`);
  };
  if (given.startsWith('"')) refuse('starts with a double quote (")');
  const hasScheme = /^\w+:\/\//.test(given);
  const url = hasScheme ? given : `https://${given}`;
  if (!URL.canParse(url)) refuse("it is no URL");
  const { protocol, hostname } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") refuse("scheme should be http or https");
  if (!hasScheme && hostname !== "localhost" && !/\.[a-z][a-z\d-]*$/.test(hostname)) {
    refuse("Does not look like a URL (must have a scheme or end with a top-level domain)");
  }
}

/** (`SignatureAlgorithm`, ibid.) */
function checkAlgorithm(algorithm: string): void {
  if (algorithm === "RS256" || algorithm === "ES256") return;
  throw new BuildError(
    `auth.config.ts: Invalid signature algorithm (only RS256 and ES256 are supported): ${algorithm}`,
  );
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
