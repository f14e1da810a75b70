import { createHash } from "node:crypto";
import { environmentOf } from "../functions/environment.ts";
import type { Deployment, Runtime } from "../functions/types.ts";
import type { Log } from "../log.ts";
import type { WorkerLimits } from "./connections.ts";
import { IsolatePool } from "./isolatePool.ts";
import type { Environment, RuntimeCode } from "./protocol.ts";
import { RuntimeSession, type OpenConnection } from "./runtimeSession.ts";

export type SessionsParts = {
  deployment: Deployment;
  env: Environment;
  open: OpenConnection;
  log: Log;
  /** For cloud mode: each run of the Convex runtime has a thread of its own. */
  isolateLimits: WorkerLimits | null;
};

/** The runtimes that run actions: one of the newest code, and older ones whose runs have not ended. */
export class Sessions {
  deployment: Deployment;
  env: Environment;
  private current: RuntimeSession | null = null;
  private readonly all = new Set<RuntimeSession>();
  private readonly isolates: IsolatePool | null;

  constructor(private readonly parts: SessionsParts) {
    this.deployment = parts.deployment;
    this.env = parts.env;
    this.isolates = parts.isolateLimits && new IsolatePool(parts.isolateLimits, parts.log);
  }

  /** One of the newest code for one run, after which it is to be given back. */
  take(runtime: Runtime): RuntimeSession {
    if (this.isolates !== null && runtime === "isolate")
      return this.isolates.take(() => runtimeCode(this.deployment, this.env));
    if (this.current?.isOpen) return this.current;
    for (const session of this.all) if (session.isDead) this.all.delete(session);
    this.current = new RuntimeSession(
      runtimeCode(this.deployment, this.env),
      this.parts.open,
      this.parts.log,
    );
    this.all.add(this.current);
    return this.current;
  }

  giveBack(session: RuntimeSession, runtime: Runtime): void {
    if (runtime === "isolate") this.isolates?.giveBack(session);
  }

  /** Later runs use the new code; those that have begun end with theirs. */
  replaceDeployment(deployment: Deployment, env: Environment): void {
    this.deployment = deployment;
    this.env = env;
    this.current?.retire();
    this.current = null;
    this.isolates?.retire();
  }

  /** Fails the runs that have not ended, for `reason`. */
  close(reason: string): void {
    for (const session of this.all) session.close(reason);
    this.isolates?.close(reason);
  }
}

function runtimeCode(deployment: Deployment, env: Environment): RuntimeCode {
  const components = [...deployment.components.values()].map(
    ({ path, isolateCode, isolateFile, nodeFile }) => ({
      path,
      isolateCode,
      isolateFile,
      nodeFile,
      env: environmentOf(deployment, path, env),
    }),
  );
  const envHash = createHash("sha256").update(JSON.stringify(env)).digest("hex");
  return { hash: `${deployment.hash}-${envHash}`, components, env };
}
