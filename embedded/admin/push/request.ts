/** What the CLI sends to start a push: `startPushRequest` of `convex/src/cli/lib/deployApi`. */
import type { JSONValue } from "convex/values";
import { HttpError } from "../../http/respond.ts";

export type PushedModule = {
  /** Below its component's folder, with `.js`. */
  path: string;
  source: string;
  sourceMap?: string | undefined;
  environment: "isolate" | "node";
};

/** A module that the deployment has, named by the digest of its source and source map. */
export type ModuleHash = { path: string; environment: "isolate" | "node"; sha256: string };

export type PushedComponent = {
  /** Its folder, seen from the app's; what identifies the definition. `""` for the app. */
  definitionPath: string;
  definition: PushedModule | null;
  schema: PushedModule | null;
  functions: PushedModule[];
};

export type PushRequest = {
  dryRun: boolean;
  app: PushedComponent;
  /** Modules of the app that were not sent again. */
  unchanged: ModuleHash[];
  components: PushedComponent[];
  externalPackages: ExternalPackage[];
};

/** A package that the app's Node.js modules import and that is not in them, with the version that the project has installed. */
export type ExternalPackage = { name: string; version: string };

type JsonObject = { readonly [field: string]: JSONValue | undefined };

/** A path that stays below its folder. */
const MODULE_PATH = /^(?!\.\.?\/)(?!.*\/\.\.?\/)[A-Za-z0-9_.\-/]+\.js$/;

/** Throws an `HttpError` that names what is wrong. */
export function parsePushRequest(body: JsonObject): PushRequest {
  const app = objectField(body, "appDefinition");
  return {
    dryRun: body["dryRun"] === true,
    app: {
      definitionPath: "",
      definition: moduleOrNull(app["definition"]),
      schema: moduleOrNull(app["schema"]),
      functions: listField(app, "changedModules").map(parseModule),
    },
    unchanged: listField(app, "unchangedModuleHashes").map((hash) => ({
      path: stringField(hash, "path"),
      environment: environmentOf(hash),
      sha256: stringField(hash, "sha256"),
    })),
    components: listField(body, "componentDefinitions").map((component) => ({
      definitionPath: stringField(component, "definitionPath"),
      definition: moduleOrNull(component["definition"]),
      schema: moduleOrNull(component["schema"]),
      functions: listField(component, "functions").map(parseModule),
    })),
    // The CLI names them in the order in which it has met them, which differs from push to push.
    externalPackages: listField(body, "nodeDependencies")
      .map((dependency) => ({
        name: stringField(dependency, "name"),
        version: stringField(dependency, "version"),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

function parseModule(module: JsonObject): PushedModule {
  const path = stringField(module, "path");
  if (!MODULE_PATH.test(path)) throw badRequest(`"${path}" is not the path of a module`);
  const sourceMap = module["sourceMap"];
  return {
    path,
    source: stringField(module, "source"),
    sourceMap: typeof sourceMap === "string" ? sourceMap : undefined,
    environment: environmentOf(module),
  };
}

function moduleOrNull(module: JSONValue | undefined): PushedModule | null {
  return module === null || module === undefined ? null : parseModule(asObject(module, "module"));
}

function environmentOf(module: JsonObject): "isolate" | "node" {
  const environment = stringField(module, "environment");
  if (environment === "isolate" || environment === "node") return environment;
  throw badRequest(`"${environment}" is not a runtime: expected "isolate" or "node"`);
}

function objectField(object: JsonObject, name: string): JsonObject {
  return asObject(object[name], name);
}

function listField(object: JsonObject, name: string): JsonObject[] {
  const list = object[name];
  if (!Array.isArray(list)) throw badRequest(`\`${name}\` must be an array`);
  return list.map((entry) => asObject(entry, name));
}

function stringField(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value !== "string") throw badRequest(`\`${name}\` must be a string`);
  return value;
}

function asObject(value: JSONValue | undefined, name: string): JsonObject {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw badRequest(`\`${name}\` must be an object`);
  }
  return value;
}

const badRequest = (message: string): HttpError => new HttpError(400, "BadPushRequest", message);
