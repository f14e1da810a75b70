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
import type { Environment, RuntimeCode, ToRuntime } from "./protocol.ts";
import { realTimers } from "./realTimers.ts";
import { RuntimeSession, type OpenConnection, type RunHandlers } from "./runtimeSession.ts";
import { createSemaphore, type Semaphore } from "./semaphore.ts";

export type ActionLimits = {
  /** Milliseconds that one run may last. */
  maxDurationMs: Record<Runtime, number>;
  /** Runs at once, in each runtime; HTTP actions are counted apart. */
  maxConcurrent: number;
  /** Milliseconds that a run may wait for its place. */
  maxWaitMs: number;
} & WorkerLimits;

/**
 * Convex's own: `NODE_ACTION_USER_TIMEOUT_SECS`, `V8_ACTION_USER_TIMEOUT_SECS`, `APPLICATION_MAX_CONCURRENT_…_ACTIONS`
 * and `APPLICATION_FUNCTION_RUNNER_ACTION_SEMAPHORE_TIMEOUT`.
 */
const CONVEX_LIMITS: ActionLimits = {
  maxDurationMs: { node: 600_000, isolate: 1_800_000 },
  maxConcurrent: 64,
  maxWaitMs: 10_000,
  // On Convex a run has a thread and 512 MiB of its own; here all share one.
  maxBlockedMs: 60_000,
  maxHeapMb: 2048,
};

const TOO_MANY = "Too many concurrent requests, backoff and try again.";
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
  limits?: Partial<ActionLimits>;
};

export interface ActionHost {
  /** `scheduledFunctionId` is the id of the scheduled function that the call belongs to. Never rejects. */
  run(call: FunctionCall, scheduledFunctionId?: string): Promise<ActionOutcome>;
  /**
   * Runs a component's `http.ts` for a request that one of its routes matches. `identityError` is why who calls is not
   * known: asking for the identity throws it. Never rejects.
   */
  httpAction(
    component: ComponentPath,
    request: Request,
    identity: Identity | null,
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

type RunRequest = {
  caller: ActionCaller;
  runtime: Runtime;
  places: Semaphore;
  /** What it is called in messages. */
  title: string;
  onLog: RunHandlers["onLog"];
};

class Host implements ActionHost {
  private readonly limits: ActionLimits;
  private readonly places: Record<Runtime | "http", Semaphore>;
  private readonly log: Log;
  private readonly openConnection: OpenConnection;
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
    this.limits = { ...CONVEX_LIMITS, ...options.limits };
    const { maxConcurrent, maxWaitMs } = this.limits;
    this.places = {
      node: createSemaphore(maxConcurrent, maxWaitMs),
      isolate: createSemaphore(maxConcurrent, maxWaitMs),
      http: createSemaphore(maxConcurrent, maxWaitMs),
    };
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

  async run(call: FunctionCall, scheduledFunctionId?: string): Promise<ActionOutcome> {
    const logLines: string[] = [];
    let result: FunctionResult;
    try {
      result = await this.runChecked(call, scheduledFunctionId ?? null, logLines);
    } catch (error) {
      this.log.error("actions", "an action could not be run", error);
      result = fail(NOT_RUN);
    }
    return { result, logLines };
  }

  async httpAction(
    component: ComponentPath,
    request: Request,
    identity: Identity | null,
    identityError?: string,
  ): Promise<Response> {
    const requestId = newRequestId();
    const caller: ActionCaller = {
      ...newCaller({ component, path: "http:default" }, identity, null, requestId),
      ...(identityError !== undefined && { identityError }),
    };
    const run = new HttpRun(request);
    const ended = this.perform(
      {
        caller,
        runtime: "isolate",
        places: this.places.http,
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
    void ended.then((result) => {
      if (result.ok) {
        run.end(null);
        return;
      }
      const failure = { ...result.error, requestId };
      const path = `${run.head.method} ${new URL(run.head.url).pathname}`;
      this.log.functionFailed({ address: { component, path }, requestId }, failure);
      run.end(serverError(failure));
    });
    return run.response;
  }

  replaceDeployment(deployment: Deployment, env: Environment = this.env): void {
    this.deployment = deployment;
    this.env = env;
    this.current?.retire();
    this.current = null;
  }

  async close(graceMs = 0): Promise<void> {
    this.isClosed = true;
    for (const places of Object.values<Semaphore>(this.places)) places.close();
    if (this.running.size > 0 && graceMs > 0) {
      const grace = new Promise((resolve) => realTimers.setTimeout(resolve, graceMs).unref());
      await Promise.race([grace, Promise.allSettled(this.running)]);
    }
    for (const session of this.sessions) session.close(CLOSED);
    await Promise.allSettled(this.running);
  }

  private async runChecked(
    call: FunctionCall,
    scheduledFunctionId: string | null,
    logLines: string[],
  ): Promise<FunctionResult> {
    const { address, identity } = call;
    const { database } = this.options.engine;
    const checked = checkCall(this.deployment, call, "action", database.begin("query"));
    if (!checked.ok) return fail(checked.message);
    const { info, argsJson } = checked;
    const result = await this.perform(
      {
        caller: newCaller(address, identity, scheduledFunctionId, call.requestId),
        runtime: info.runtime,
        places: this.places[info.runtime],
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

  /** Has a run its turn, to its end. Never rejects. */
  private perform(
    request: RunRequest,
    start: (runId: number) => Extract<ToRuntime, { type: "runAction" | "runHttpAction" }>,
    http?: HttpRun,
  ): Promise<FunctionResult> {
    const ended = this.performInPlace(request, start, http).catch((error: unknown): FunctionResult => {
      this.log.error("actions", `${request.title} could not be run`, error);
      return fail(NOT_RUN);
    });
    this.running.add(ended);
    void ended.then(() => this.running.delete(ended));
    return ended;
  }

  private async performInPlace(
    { caller, runtime, places, title, onLog }: RunRequest,
    start: (runId: number) => Extract<ToRuntime, { type: "runAction" | "runHttpAction" }>,
    http?: HttpRun,
  ): Promise<FunctionResult> {
    if (!(await places.acquire())) return fail(this.isClosed ? CLOSED : TOO_MANY);
    try {
      if (this.isClosed) return fail(CLOSED);
      const runId = this.nextRunId++;
      const session = this.openSession();
      return await new Promise<FunctionResult>((resolve) => {
        const maxMs = this.limits.maxDurationMs[runtime];
        const timer = realTimers.setTimeout(() => {
          session.abandon(runId, fail(`${title} execution timed out (maximum duration ${maxMs / 1000}s)`));
        }, maxMs);
        const handlers: RunHandlers = {
          onSyscall: (name, args, bytes) => performActionSyscall(this.syscalls, caller, name, args, bytes),
          onLog,
          onEnded: (result) => {
            realTimers.clearTimeout(timer);
            resolve(result);
          },
          ...(http && { onBody: http.connect((message) => session.send({ ...message, runId })) }),
        };
        session.start(start(runId), handlers);
        http?.begin();
      });
    } finally {
      places.release();
    }
  }

  /** The session of the newest deployment; a new one if the last has died. */
  private openSession(): RuntimeSession {
    if (this.current?.isOpen) return this.current;
    for (const session of this.sessions) if (session.isDead) this.sessions.delete(session);
    this.current = new RuntimeSession(runtimeCode(this.deployment, this.env), this.openConnection, this.log);
    this.sessions.add(this.current);
    return this.current;
  }
}

function fail(message: string): FunctionResult {
  return { ok: false, error: failureOfMessage(message) };
}

function newCaller(
  address: FunctionAddress,
  identity: Identity | null,
  scheduledFunctionId: string | null,
  requestId = newRequestId(),
): ActionCaller {
  return { address, identity, scheduledFunctionId, requestId };
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
