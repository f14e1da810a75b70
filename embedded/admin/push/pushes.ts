import { createHash, randomUUID } from "node:crypto";
import type { JSONValue } from "convex/values";
import { loadDeployment } from "../../bundler/savedDeployment.ts";
import type { Core } from "../../core.ts";
import { SchemaMismatchError } from "../../database/pushSchema.ts";
import { UserError } from "../../functions/types.ts";
import type { Deployment } from "../../functions/types.ts";
import { API_VERSION } from "../../http/instance.ts";
import { HttpError } from "../../http/respond.ts";
import type { EnvironmentStore } from "../environmentStore.ts";
import { analysisOf, checkedTree } from "./analysis.ts";
import { compilePush } from "./compile.ts";
import { indexDifferences, pushDifferences } from "./differences.ts";
import type { PushFolder } from "./pushFolder.ts";
import { parsePushRequest } from "./request.ts";
import type { PushedModule, PushRequest } from "./request.ts";

export type PushParts = { core: Core; environment: EnvironmentStore; folder: PushFolder };

type Json = Record<string, JSONValue>;

/** Code that was checked and compiled, and is not in use yet. */
type StartedPush = { id: string; folder: string; deployment: Deployment; modules: Map<string, PushedModule> };

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
  async start(body: Json): Promise<JSONValue> {
    const request = this.withUnchanged(parsePushRequest(body));
    const { core, environment, folder: pushes } = this.parts;
    const folder = pushes.newFolder();
    try {
      const env = environment.effective;
      const compiled = await compilePush(request, folder, env);
      const deployment = loadDeployment(folder, env);
      const before = core.executor.deployment;
      const id = randomUUID();
      if (!request.dryRun) await this.supersede({ id, folder, deployment, modules: byPath(request) });
      return {
        environmentVariables: {},
        externalDepsId: null,
        componentDefinitionPackages: {},
        appAuth: deployment.authProviders.map((provider) =>
          "type" in provider ? { applicationID: null, ...provider } : provider,
        ),
        analysis: analysisOf(request, compiled, deployment),
        app: checkedTree(compiled.tree, compiled.folderOf, deployment),
        schemaChange: {
          allocatedComponentIds: {},
          schemaIds: { push: id },
          indexDiffs: indexDifferences(before, deployment),
        },
      };
    } catch (error) {
      await pushes.discard(folder);
      throw refusalOf(error);
    } finally {
      if (request.dryRun) await pushes.discard(folder);
    }
  }

  /** `POST /api/deploy2/evaluate_push`: what a push would change, with nothing started. */
  evaluate(body: Json): Promise<JSONValue> {
    return this.start({ ...body, dryRun: true });
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
  async finish(body: Json): Promise<JSONValue> {
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
      // Variables may have changed since the push was started.
      const deployment = loadDeployment(push.folder, effective);
      await core.replaceDeployment(deployment, effective);
      await folder.makeCurrent(push.folder);
      this.modules = push.modules;
      return pushDifferences(before, deployment);
    } catch (error) {
      await folder.discard(push.folder);
      throw refusalOf(error);
    }
  }

  private async supersede(push: StartedPush): Promise<void> {
    const before = this.started;
    this.started = push;
    if (before !== null) await this.parts.folder.discard(before.folder);
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

/** As the CLI computes it (`cli/lib/components.ts`). */
function hashOf({ source, sourceMap }: PushedModule): string {
  return createHash("sha256")
    .update(source)
    .update(sourceMap ?? "")
    .digest("hex");
}

/** What is wrong with the code that was pushed is its sender's to mend; all else is the backend's. */
function refusalOf(error: unknown): unknown {
  if (error instanceof UserError) return new HttpError(400, error.code ?? "InvalidPush", error.message);
  if (error instanceof Error && error.name === "BuildError")
    return new HttpError(400, "InvalidModules", error.message);
  return error;
}
