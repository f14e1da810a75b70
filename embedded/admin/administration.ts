import path from "node:path";
import type { JSONValue } from "convex/values";
import { loadDeployment } from "../bundler/savedDeployment.ts";
import type { Core } from "../core.ts";
import type { Deployment } from "../functions/types.ts";
import { HttpError } from "../http/respond.ts";
import type { EnvironmentChange, EnvironmentStore } from "./environmentStore.ts";
import type { FunctionLog } from "./functionLog.ts";
import type { HoldableFileStore } from "../files/heldDeletions.ts";
import type { Log } from "../log.ts";
import { oneAtATime } from "./oneAtATime.ts";
import { Pushes } from "./push/pushes.ts";
import type { PushFolder } from "./push/pushFolder.ts";
import { Exports } from "./snapshot/exports.ts";
import { Imports } from "./snapshot/imports.ts";
import { runTestQuery } from "./testQuery.ts";

export type AdministrationParts = {
  url: string;
  core: Core;
  environment: EnvironmentStore;
  pushFolder: PushFolder;
  fileStore: HoldableFileStore;
  /** Where exports and uploads for imports are kept for a while. */
  workFolder: string;
  log: Log;
};

/** What an administrator can do to a deployment. How they ask for it is in `adminApi.ts`. */
export class Administration {
  readonly pushes: Pushes;
  /** For whatever puts other code or variables in place: each begins with what the one before has left. */
  private readonly inTurn = oneAtATime();
  readonly exports: Exports;
  readonly imports: Imports;

  constructor(private readonly parts: AdministrationParts) {
    const { core, environment, pushFolder, fileStore, workFolder, log } = parts;
    this.exports = new Exports({ core, store: fileStore, folder: path.join(workFolder, "exports"), log });
    this.imports = new Imports({ core, store: fileStore, folder: path.join(workFolder, "imports"), log });
    this.pushes = new Pushes({ core, environment, folder: pushFolder, inTurn: this.inTurn });
  }

  get url(): string {
    return this.parts.url;
  }

  get functionLog(): FunctionLog {
    return this.parts.core.functionLog;
  }

  /** Clears away what the last process left. */
  async start(): Promise<void> {
    await this.exports.start();
    await this.imports.start();
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    await this.exports.close();
    await this.imports.close();
  }

  /** In force for every function that begins after. Throws an `HttpError`, having changed nothing, if one cannot be changed. */
  changeEnvironment(changes: readonly EnvironmentChange[]): Promise<void> {
    const { core, environment } = this.parts;
    return this.inTurn(async () => {
      const { stored, effective } = environment.preview(changes);
      // `auth.config.ts` may read them, and `convex.config.ts` may demand them.
      const deployment = reload(core.executor.deployment, effective);
      environment.save(stored);
      await core.replaceDeployment(deployment, effective);
    });
  }

  /** `POST /api/run_test_function`. */
  runTestQuery(body: Readonly<Record<string, JSONValue>>): Promise<JSONValue> {
    return runTestQuery(this.parts.core, body);
  }
}

function reload(deployment: Deployment, env: EnvironmentStore["effective"]): Deployment {
  const app = deployment.components.get("");
  if (app === undefined) throw new Error("A deployment has no app");
  try {
    return loadDeployment(path.dirname(app.isolateFile), env);
  } catch (error) {
    if (error instanceof Error && error.name === "BuildError")
      throw new HttpError(400, "InvalidEnvironment", error.message);
    throw error;
  }
}
