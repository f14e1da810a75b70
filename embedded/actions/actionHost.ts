/**
 * Runs actions and HTTP actions: checks the call, waits for a place, has a runtime run it, answers what it asks of the
 * backend, and ends it when its time is up.
 *
 * Not here: how a runtime is reached (`connections.ts`), what happens inside one (`runtime/`), what the syscalls do
 * (`actionSyscalls.ts`), bodies of HTTP actions (`httpRun.ts`).
 */
import { createHash } from "node:crypto";
import type { JSONValue } from "convex/values";
import type { ComponentPath } from "../database/types.ts";
import { tooManyRequests } from "../engine/cloud/limits.ts";
import { RefusalError } from "../engine/cloud/refusal.ts";
import type { Engine } from "../engine/types.ts";
import type { FileStore } from "../files/fileStore.ts";
import { environmentOf } from "../functions/environment.ts";
import { failureOfMessage, newRequestId } from "../functions/failures.ts";
import { addLogLine } from "../functions/logLines.ts";
import { displayPath } from "../functions/references.ts";
import type {
  ActionOutcome,
  Deployment,
  FunctionAddress,
  FunctionCall,
  FunctionResult,
  Identity,
  Runtime,
} from "../functions/types.ts";
import { checkCall, checkReturns } from "../functions/validateCall.ts";
import type { Log } from "../log.ts";
import { performActionSyscall, type ActionCaller, type ActionSyscallContext } from "./actionSyscalls.ts";
import { openInProcess, openWorker, type WorkerLimits } from "./connections.ts";
import { HttpRun, serverError } from "./httpRun.ts";
import { IsolatePool } from "./isolatePool.ts";
import type { Environment, RuntimeCode, ToRuntime } from "./protocol.ts";
import { realTimers } from "./realTimers.ts";
import { RuntimeSession, type OpenConnection, type RunHandlers } from "./runtimeSession.ts";
import { createSemaphore, type Semaphore } from "./semaphore.ts";

/** How many runs there may be at once: actions of each runtime, and HTTP actions. In cloud mode `http` is not looked at. */
export type ActionPlaces = Record<Runtime | "http", number>;

export type ActionLimits = {
  /** Milliseconds that one run may last. */
  maxDurationMs: Record<Runtime, number>;
  places: ActionPlaces;
  /** Milliseconds that a client's run, or another action's, may wait for its place. */
  maxWaitMs: number;
} & WorkerLimits;

/** More than two cores can serve, so that CPU is the limit and not this number. Convex has 16 (self-hosted) to 2,048. */
export const DEFAULT_ACTION_PLACES = 512;

/**
 * Times are Convex's own: `NODE_ACTION_USER_TIMEOUT_SECS`, `V8_ACTION_USER_TIMEOUT_SECS` and
 * `APPLICATION_FUNCTION_RUNNER_ACTION_SEMAPHORE_TIMEOUT`.
 */
const DEFAULT_LIMITS: ActionLimits = {
  maxDurationMs: { node: 600_000, isolate: 1_800_000 },
  places: { node: DEFAULT_ACTION_PLACES, isolate: DEFAULT_ACTION_PLACES, http: DEFAULT_ACTION_PLACES },
  maxWaitMs: 10_000,
  maxBlockedMs: 60_000,
  // On Convex a run has a thread and 512 MiB of its own; here all share one. 200 that stream from a provider hold 80 MiB.
  maxHeapMb: 2048,
};

/** HTTP actions that the backend itself may have running at once: it reads keys that the app publishes. */
const BACKEND_PLACES = 4;

const CLOSED = "The server is shutting down";
const NOT_RUN = "The action could not be run; the server's log says why";

export type ActionHostOptions = {
  engine: Engine;
  deployment: Deployment;
  /** The deployment's environment variables, `CONVEX_CLOUD_URL` among them. */
  env: Environment;
  fileStore: FileStore;
  log: Log;
  mode: "worker" | "inProcess";
  places?: Partial<ActionPlaces> | undefined;
  limits?: Partial<Omit<ActionLimits, "places">>;
  /**
   * For cloud mode (E20), how many actions may run at once in each runtime: HTTP actions then share the places of the Convex
   * runtime, and each action of the Convex runtime has a worker thread with the memory of an isolate of Convex.
   */
  cloudPlaces?: number;
};

/** Who wants an action run that is no client's: the scheduler, with the job's id, or a cron. */
export type RunOrigin = { kind: "scheduler"; jobId: string } | { kind: "cron" };

export interface ActionHost {
  /**
   * What the server itself has begun waits for its place as long as it takes. Rejects with a `RefusalError` where the
   * deployment refuses and not the function fails.
   */
  run(call: FunctionCall, origin?: RunOrigin): Promise<ActionOutcome>;
  /**
   * Runs a component's `http.ts` for a request that one of its routes matches. `asker`: the backend itself has places that
   * no client can take. `identityError` is why who calls is not known: asking for the identity throws it. Never rejects.
   */
  httpAction(
    component: ComponentPath,
    request: Request,
    identity: Identity | null,
    asker?: "client" | "backend",
    identityError?: string,
  ): Promise<Response>;
  /** Later runs use the new code; those that have begun end with theirs. */
  replaceDeployment(deployment: Deployment, env?: Environment): void;
  /** Refuses new runs, gives the others `graceMs` to end, and fails those that have not. */
  close(graceMs?: number): Promise<void>;
}

export function createActionHost(options: ActionHostOptions): ActionHost {
  return new Host(options);
}

type Pool = Runtime | "http" | "backend";

type RunRequest = {
  caller: ActionCaller;
  runtime: Runtime;
  pool: Pool;
  patience: "limited" | "patient";
  /** What it is called in messages. */
  title: string;
  onLog: RunHandlers["onLog"];
};

class Host implements ActionHost {
  private readonly limits: ActionLimits;
  private readonly places: Record<Pool, Semaphore>;
  private readonly log: Log;
  private readonly openConnection: OpenConnection;
  /** In cloud mode, where actions do not share one worker thread. */
  private readonly isolates: IsolatePool | null;
  private readonly syscalls: ActionSyscallContext;
  private deployment: Deployment;
  private env: Environment;
  /** The session that new runs go to. */
  private current: RuntimeSession | null = null;
  private readonly sessions = new Set<RuntimeSession>();
  private readonly running = new Set<Promise<unknown>>();
  private nextRunId = 1;
  private isClosed = false;

  constructor(private readonly options: ActionHostOptions) {
    const { cloudPlaces } = options;
    this.limits = {
      ...DEFAULT_LIMITS,
      ...options.limits,
      places: {
        ...DEFAULT_LIMITS.places,
        ...options.places,
        ...(cloudPlaces !== undefined && { node: cloudPlaces, isolate: cloudPlaces }),
      },
    };
    const { places, maxWaitMs } = this.limits;
    const isolate = createSemaphore(places.isolate, maxWaitMs);
    this.places = {
      node: createSemaphore(places.node, maxWaitMs),
      isolate,
      http: cloudPlaces === undefined ? createSemaphore(places.http, maxWaitMs) : isolate,
      backend: createSemaphore(BACKEND_PLACES, maxWaitMs),
    };
    this.isolates =
      cloudPlaces !== undefined && options.mode === "worker"
        ? new IsolatePool(this.limits, options.log)
        : null;
    this.log = options.log;
    this.deployment = options.deployment;
    this.env = options.env;
    this.openConnection = options.mode === "inProcess" ? openInProcess : openWorker(this.limits);
    this.syscalls = {
      engine: options.engine,
      fileStore: options.fileStore,
      log: options.log,
      deployment: () => this.deployment,
      origin: () => this.env["CONVEX_CLOUD_URL"] ?? "",
    };
  }

  async run(call: FunctionCall, origin?: RunOrigin): Promise<ActionOutcome> {
    const logLines: string[] = [];
    let result: FunctionResult;
    try {
      result = await this.runChecked(call, origin ?? null, logLines);
    } catch (error) {
      if (error instanceof RefusalError) throw error;
      this.log.error("actions", "an action could not be run", error);
      result = fail(NOT_RUN);
    }
    return { result, logLines };
  }

  async httpAction(
    component: ComponentPath,
    request: Request,
    identity: Identity | null,
    asker: "client" | "backend" = "client",
    identityError?: string,
  ): Promise<Response> {
    const requestId = newRequestId();
    const caller: ActionCaller = {
      ...newCaller({ component, path: "http:default" }, identity, "isolate", null, requestId),
      ...(identityError !== undefined && { identityError }),
    };
    const run = new HttpRun(request);
    const ended = this.perform(
      {
        caller,
        runtime: "isolate",
        pool: asker === "backend" ? "backend" : "http",
        patience: "limited",
        title: "HTTP action",
        // Nobody gets them with the response, and it may take long to end.
        onLog: (level, text) => {
          this.log.info("http action", `[${level}] ${text}`);
        },
      },
      (runId) => ({
        type: "runHttpAction",
        runId,
        component,
        request: run.head,
        identity: toText(identity),
        identityError: identityError ?? null,
      }),
      run,
    );
    const end = (result: FunctionResult): void => {
      if (result.ok) {
        run.end(null);
        return;
      }
      const failure = { ...result.error, requestId };
      const path = `${run.head.method} ${new URL(run.head.url).pathname}`;
      this.log.functionFailed({ address: { component, path }, requestId }, failure);
      run.end(serverError(failure));
    };
    void ended.then(end, (error: unknown) => {
      run.end(error instanceof RefusalError ? refusal(error) : serverError(failureOfMessage(String(error))));
    });
    return run.response;
  }

  replaceDeployment(deployment: Deployment, env: Environment = this.env): void {
    this.deployment = deployment;
    this.env = env;
    this.current?.retire();
    this.current = null;
    this.isolates?.retire();
  }

  async close(graceMs = 0): Promise<void> {
    this.isClosed = true;
    for (const places of Object.values<Semaphore>(this.places)) places.close();
    if (this.running.size > 0 && graceMs > 0) {
      const grace = new Promise((resolve) => realTimers.setTimeout(resolve, graceMs).unref());
      await Promise.race([grace, Promise.allSettled(this.running)]);
    }
    for (const session of this.sessions) session.close(CLOSED);
    this.isolates?.close(CLOSED);
    await Promise.allSettled(this.running);
  }

  private async runChecked(
    call: FunctionCall,
    origin: RunOrigin | null,
    logLines: string[],
  ): Promise<FunctionResult> {
    const { address, identity } = call;
    const { database } = this.options.engine;
    const checked = checkCall(this.deployment, call, "action", database.begin("query"));
    if (!checked.ok) return fail(checked.message);
    const { info, argsJson } = checked;
    const result = await this.perform(
      {
        caller: newCaller(
          address,
          identity,
          info.runtime,
          origin?.kind === "scheduler" ? origin.jobId : null,
          call.requestId,
        ),
        runtime: info.runtime,
        pool: info.runtime,
        patience: origin === null ? "limited" : "patient",
        title: `Action \`${displayPath(address)}\``,
        onLog: (level, text) => {
          addLogLine(logLines, level, text);
        },
      },
      (runId) => ({
        type: "runAction",
        runId,
        address,
        runtime: info.runtime,
        args: argsJson,
        identity: toText(identity),
      }),
    );
    if (!result.ok) return result;
    const resultJson = JSON.stringify(result.value);
    const checkedReturn = checkReturns(address, info, result.value, resultJson, database.begin("query"));
    return checkedReturn.ok ? result : fail(checkedReturn.message);
  }

  /** Has a run its turn, to its end. Rejects with a `RefusalError` only. */
  private perform(
    request: RunRequest,
    start: (runId: number) => Extract<ToRuntime, { type: "runAction" | "runHttpAction" }>,
    http?: HttpRun,
  ): Promise<FunctionResult> {
    const ended = this.performInPlace(request, start, http).catch((error: unknown): FunctionResult => {
      if (error instanceof RefusalError) throw error;
      this.log.error("actions", `${request.title} could not be run`, error);
      return fail(NOT_RUN);
    });
    this.running.add(ended);
    const forget = (): void => {
      this.running.delete(ended);
    };
    ended.then(forget, forget);
    return ended;
  }

  private async performInPlace(
    { caller, runtime, pool, patience, title, onLog }: RunRequest,
    start: (runId: number) => Extract<ToRuntime, { type: "runAction" | "runHttpAction" }>,
    http?: HttpRun,
  ): Promise<FunctionResult> {
    const places = this.places[pool];
    if (!(await places.acquire(patience))) return this.isClosed ? fail(CLOSED) : this.refuse(pool);
    let session: RuntimeSession | null = null;
    try {
      if (this.isClosed) return fail(CLOSED);
      const runId = this.nextRunId++;
      const opened = this.openSession(runtime);
      session = opened;
      return await new Promise<FunctionResult>((resolve, reject) => {
        const maxMs = this.limits.maxDurationMs[runtime];
        const timer = realTimers.setTimeout(() => {
          opened.abandon(runId, fail(`${title} execution timed out (maximum duration ${maxMs / 1000}s)`));
        }, maxMs);
        const handlers: RunHandlers = {
          onSyscall: (name, args, bytes) =>
            performActionSyscall(this.syscalls, caller, name, args, bytes).catch((error: unknown) => {
              // Nothing inside the action can catch it: it ends the action (`RefusalError`).
              reject(error instanceof Error ? error : new Error(String(error)));
              opened.abandon(runId, fail(NOT_RUN));
              return { ok: false, message: NOT_RUN };
            }),
          onLog,
          onEnded: (result) => {
            realTimers.clearTimeout(timer);
            resolve(result);
          },
          ...(http && { onBody: http.connect((message) => opened.send({ ...message, runId })) }),
        };
        opened.start(start(runId), handlers);
        http?.begin();
      });
    } finally {
      if (session !== null && runtime === "isolate") this.isolates?.giveBack(session);
      places.release();
    }
  }

  private refuse(pool: Pool): never {
    const { cloudPlaces } = this.options;
    const places = pool === "backend" ? BACKEND_PLACES : this.limits.places[pool];
    throw new RefusalError(
      "TooManyConcurrentRequests",
      cloudPlaces !== undefined
        ? tooManyRequests(cloudPlaces, "action")
        : `Too many concurrent requests. Your backend is limited to ${places} concurrent actions. Try again later.`,
    );
  }

  /** The session of the newest deployment; a new one if the last has died. */
  private openSession(runtime: Runtime): RuntimeSession {
    if (this.isolates !== null && runtime === "isolate")
      return this.isolates.take(() => runtimeCode(this.deployment, this.env));
    if (this.current?.isOpen) return this.current;
    for (const session of this.sessions) if (session.isDead) this.sessions.delete(session);
    this.current = new RuntimeSession(runtimeCode(this.deployment, this.env), this.openConnection, this.log);
    this.sessions.add(this.current);
    return this.current;
  }
}

/** How Convex answers when no function was run. */
function refusal({ code, message, httpStatus }: RefusalError): Response {
  return Response.json({ code, message }, { status: httpStatus });
}

function fail(message: string): FunctionResult {
  return { ok: false, error: failureOfMessage(message) };
}

function newCaller(
  address: FunctionAddress,
  identity: Identity | null,
  runtime: Runtime,
  scheduledFunctionId: string | null,
  requestId = newRequestId(),
): ActionCaller {
  return { address, identity, runtime, scheduledFunctionId, requestId };
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

function toText(identity: Identity | null): string | null {
  return identity === null ? null : JSON.stringify(identity satisfies JSONValue);
}
