import { randomUUID } from "node:crypto";
import type { JSONValue } from "convex/values";
import { loadDeployment } from "../../bundler/savedDeployment.ts";
import type { Core } from "../../core.ts";
import { SchemaMismatchError } from "../../database/pushSchema.ts";
import type { Environment } from "../../functions/environment.ts";
import { UserError } from "../../functions/types.ts";
import type { Deployment } from "../../functions/types.ts";
import { API_VERSION } from "../../http/instance.ts";
import { HttpError } from "../../http/respond.ts";
import type { EnvironmentStore } from "../environmentStore.ts";
import { analysisOf, checkedTree, definitionPathOf } from "./analysis.ts";
import { BundleCache } from "./bundleCache.ts";
import { compilePush } from "./compile.ts";
import type { CompiledPush } from "./compile.ts";
import { indexDifferences, pushDifferences, schemaEvaluation } from "./differences.ts";
import { hashesOf, hashOf } from "./moduleHash.ts";
import type { PushFolder } from "./pushFolder.ts";
import { parsePushRequest } from "./request.ts";
import type { PushedModule, PushRequest } from "./request.ts";

export type PushParts = {
  core: Core;
  environment: EnvironmentStore;
  folder: PushFolder;
  /** Runs one after the other what changes the code or the variables. */
  inTurn: <T>(work: () => Promise<T>) => Promise<T>;
};

type Json = Record<string, JSONValue>;

/** Code that was checked and compiled into a folder. `digest` tells the code and the variables that it was checked with. */
type Compiled = { digest: string; folder: string; push: CompiledPush; deployment: Deployment };

/** What shall be in use once the push is finished. */
type StartedPush = Pick<Compiled, "folder" | "deployment"> & {
  id: string;
  modules: Map<string, PushedModule>;
};

/**
 * Pushes of the CLI, each in three steps, of which the last alone changes anything:
 *
 *   start_push: compiled, analysed ──► wait_for_schema: documents fit ──► finish_push: schema, indexes, code
 *        └── a dry run ends here                └── or do not: nothing has changed
 *
 * A push that is started supersedes one that was not finished.
 */
export class Pushes {
  private started: StartedPush | null = null;
  /** The newest: `deploy` sends everything twice, and most pushes of `dev` change little or nothing. */
  private compiled: Compiled | null = null;
  private readonly bundles = new BundleCache();
  /** The last push that was finished. It is in use as long as nobody has put another deployment in its place. */
  private finished: { folder: string; env: string; deployment: Deployment } | null = null;
  /** Modules of the app as they were last pushed: the CLI need not send again what has not changed. */
  private modules = new Map<string, PushedModule>();

  constructor(private readonly parts: PushParts) {}

  /** `POST /api/get_config_hashes`. */
  configHashes(): JSONValue {
    return {
      config: { functions: "convex/", authInfo: [] },
      moduleHashes: [...this.modules.values()].map((module) => ({
        path: module.path,
        environment: module.environment,
        hash: hashOf(module),
      })),
      udfServerVersion: API_VERSION,
    };
  }

  /** `POST /api/deploy2/start_push`. */
  start(body: Json): Promise<JSONValue> {
    return this.parts.inTurn(() => this.startInTurn(body));
  }

  private async startInTurn(body: Json): Promise<JSONValue> {
    const request = this.withUnchanged(parsePushRequest(body));
    const { folder, push, deployment } = await this.compile(request);
    const id = randomUUID();
    if (!request.dryRun) {
      const before = this.started;
      this.started = { id, folder, deployment, modules: byPath(request) };
      await this.discardUnused(before?.folder);
    }
    return {
      environmentVariables: {},
      externalDepsId: null,
      componentDefinitionPackages: {},
      appAuth: deployment.authProviders.map((provider) =>
        "type" in provider ? { applicationID: null, ...provider } : provider,
      ),
      analysis: analysisOf(request, push, deployment),
      app: checkedTree(push.tree, push.folderOf, deployment),
      schemaChange: {
        allocatedComponentIds: {},
        schemaIds: { push: id },
        indexDiffs: indexDifferences(this.parts.core.executor.deployment, deployment),
      },
    };
  }

  /** `POST /api/deploy2/evaluate_push`: what a push would change, with nothing started. */
  evaluate(body: Json): Promise<JSONValue> {
    return this.start({ ...body, dryRun: true });
  }

  /** `POST /api/deploy2/evaluate_schema`: the same of schemas alone, with the sizes of tables. */
  evaluateSchema(body: Json): Promise<JSONValue> {
    return this.parts.inTurn(async () => {
      const { core } = this.parts;
      const { push, deployment } = await this.compile(this.withUnchanged(parsePushRequest(body)));
      const before = core.executor.deployment;
      const snapshot = core.database.begin("query");
      const evaluations = [...deployment.components].map(([path, { schema }]) => {
        const old = before.components.get(path)?.schema ?? null;
        const definitionPath = definitionPathOf(push.tree, push.folderOf, path);
        return [path, schemaEvaluation(old, schema, definitionPath, (table) => snapshot.count(path, table))];
      });
      return {
        componentSchemaEvaluations: Object.fromEntries(evaluations) as Json,
        newComponentDefinitions: [],
      };
    });
  }

  /** `POST /api/deploy2/wait_for_schema`. Documents are checked at once, and indexes filled when the push is finished. */
  waitForSchema(body: Json): JSONValue {
    if (body["dryRun"] === true) return { type: "complete" };
    const push = this.pushOf(body["schemaChange"]);
    if (push === null) return { type: "raceDetected" };
    for (const { path, schema } of push.deployment.components.values()) {
      try {
        this.parts.core.database.checkSchema(path, schema);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        const tableName = error instanceof SchemaMismatchError ? error.table : null;
        return { type: "failed", error: error.message, componentPath: path, tableName };
      }
    }
    return { type: "complete" };
  }

  /** `POST /api/deploy2/finish_push`. */
  finish(body: Json): Promise<JSONValue> {
    return this.parts.inTurn(() => this.finishInTurn(body));
  }

  private async finishInTurn(body: Json): Promise<JSONValue> {
    const { core, environment, folder } = this.parts;
    const startPush = (body["startPush"] ?? {}) as Json;
    const before = core.executor.deployment;
    if (body["dryRun"] === true) return pushDifferences(before, before);
    const push = this.pushOf(startPush["schemaChange"] ?? null);
    if (push === null) {
      throw new HttpError(400, "RaceDetected", "The push was overwritten by another one. Push again");
    }
    this.started = null;
    try {
      const { effective } = environment;
      const env = JSON.stringify(effective);
      const { finished } = this;
      if (finished?.folder === push.folder && finished.env === env && finished.deployment === before) {
        // Nothing has changed: no query runs again, and no thread starts anew.
        this.modules = push.modules;
        return pushDifferences(before, before);
      }
      // Variables may have changed since the push was started.
      const deployment = loadDeployment(push.folder, effective);
      await core.replaceDeployment(deployment, effective);
      // Removes all others, one that another push was compiled to meanwhile included.
      await folder.makeCurrent(push.folder);
      this.finished = { folder: push.folder, env, deployment };
      if (this.compiled?.folder !== push.folder) this.compiled = null;
      this.modules = push.modules;
      return pushDifferences(before, deployment);
    } catch (error) {
      throw refusalOf(error);
    }
  }

  private async compile(request: PushRequest): Promise<Compiled> {
    const { environment, folder: pushes } = this.parts;
    const env = environment.effective;
    const digest = digestOf(request, env);
    if (this.compiled?.digest === digest) return this.compiled;
    const folder = pushes.newFolder();
    try {
      const push = await compilePush(request, folder, env, this.bundles);
      const before = this.compiled;
      this.compiled = { digest, folder, push, deployment: loadDeployment(folder, env) };
      await this.discardUnused(before?.folder);
      return this.compiled;
    } catch (error) {
      await pushes.discard(folder);
      throw refusalOf(error);
    }
  }

  private async discardUnused(folder: string | undefined): Promise<void> {
    const { folder: pushes } = this.parts;
    const used = [this.started?.folder, this.compiled?.folder, pushes.current()];
    if (folder !== undefined && !used.includes(folder)) await pushes.discard(folder);
  }

  private pushOf(schemaChange: JSONValue | undefined): StartedPush | null {
    const ids = ((schemaChange ?? {}) as Json)["schemaIds"] as Json | undefined;
    return this.started !== null && this.started.id === ids?.["push"] ? this.started : null;
  }

  /** The request with the modules that were not sent again. */
  private withUnchanged(request: PushRequest): PushRequest {
    const unchanged = request.unchanged.map(({ path, sha256 }) => {
      const module = this.modules.get(path);
      if (module === undefined || hashOf(module) !== sha256) {
        throw new HttpError(400, "ModulesChanged", "The functions were changed by another push. Push again");
      }
      return module;
    });
    return { ...request, app: { ...request.app, functions: [...request.app.functions, ...unchanged] } };
  }
}

function byPath({ app }: PushRequest): Map<string, PushedModule> {
  return new Map(app.functions.map((module) => [module.path, module]));
}

function digestOf({ app, components, externalPackages }: PushRequest, env: Environment): string {
  const content = [app, ...components].map(({ definitionPath, definition, schema, functions }) => [
    definitionPath,
    ...[definition, schema].map((module) => module && hashesOf([module])),
    hashesOf(functions),
  ]);
  return JSON.stringify([content, externalPackages, env]);
}

/** What is wrong with the code that was pushed is its sender's to mend; all else is the backend's. */
function refusalOf(error: unknown): unknown {
  if (error instanceof UserError) return new HttpError(400, error.code ?? "InvalidPush", error.message);
  if (error instanceof Error && error.name === "BuildError")
    return new HttpError(400, "InvalidModules", error.message);
  return error;
}
