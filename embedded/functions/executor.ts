/**
 * Runs queries and mutations: checks the call, runs it in a context of its component, checks the result. A run is one
 * synchronous call; what it calls in turn (`ctx.runQuery`, components) runs inside it, in other contexts.
 *
 * Actions are run elsewhere (`actions/`), but resolve and check their calls with the same code.
 */
import type { JSONValue } from "convex/values";
import type { ComponentPath, Transaction } from "../database/types.ts";
import type { Log } from "../log.ts";
import { ContextPool } from "./contextPool.ts";
import { environmentOf, type Environment } from "./environment.ts";
import { Execution, USER_TIMEOUT_MESSAGE } from "./execution.ts";
import { failureOfMessage } from "./failures.ts";
import { compileScripts } from "./functionContext.ts";
import { guard, insideGuard } from "./guard.ts";
import { limitWarnings } from "./limitWarnings.ts";
import { addLogLine } from "./logLines.ts";
import { findFunction } from "./references.ts";
import { forgetSourceMap } from "./sourceMaps.ts";
import type { NestedCall, RunServices } from "./callingRun.ts";
import { FunctionRun } from "./run.ts";
import type {
  Deployment,
  FunctionAddress,
  FunctionCall,
  FunctionInfo,
  FunctionResult,
  MutationOutcome,
  QueryOutcome,
} from "./types.ts";
import { watchUnhandledRejections } from "./unhandledRejections.ts";
import { checkCall, checkReturns } from "./validateCall.ts";
import { hasCommitTs } from "../values/commitTs.ts";

/** `RunServices` are for whoever runs a function's syscalls without its code: the test interface. */
export interface Executor extends RunServices {
  /** `journal` is that of the last run of the same call, or `null`: it fixes where a page ends. */
  runQuery(call: FunctionCall, transaction: Transaction, journal: string | null): QueryOutcome;
  /** If the result is a failure, the caller must roll the transaction back. */
  runMutation(call: FunctionCall, transaction: Transaction): MutationOutcome;
  /** Runs jobs under the time limit of user code; see `guard.ts`. */
  guard(jobs: readonly (() => void)[], onTerminated: (index: number) => void): void;
  resolve(address: FunctionAddress): FunctionInfo | null;
  readonly deployment: Deployment;
  /** Later runs use this code. */
  replaceDeployment(deployment: Deployment, env?: Environment): void;
}

export type ExecutorOptions = {
  deployment: Deployment;
  /** `CONVEX_CLOUD_URL` and `CONVEX_SITE_URL` included. */
  env: Environment;
  log: Log;
};

/** Calls of calls; deeper is taken for an endless recursion. Convex's `MAX_REACTOR_CALL_DEPTH`. */
const MAX_CALL_DEPTH = 8;

export function createExecutor({ deployment, env, log }: ExecutorOptions): Executor {
  watchUnhandledRejections(log);
  return new IsolateExecutor(deployment, env);
}

const COMMIT_TS_ARGUMENT = "`db.vars.commitTs` can only be an argument of a function that a mutation calls";
/** Convex puts the timestamp in its place in results of mutations. */
const COMMIT_TS_RESULT =
  "Returning `db.vars.commitTs` to a client is not supported by the embedded backend: return the document's id, and " +
  "read the timestamp from the document";

class IsolateExecutor implements Executor {
  private pools = new Map<ComponentPath, ContextPool>();

  constructor(
    public deployment: Deployment,
    public env: Environment,
  ) {}

  runQuery(call: FunctionCall, transaction: Transaction, journal: string | null): QueryOutcome {
    const execution = new Execution(call.identity, call);
    const run = { journal: null as string | null };
    const result = this.runGuarded(() => {
      const outcome = this.run(execution, transaction, call, "query", 0, journal);
      run.journal = outcome.journal;
      return outcome.result;
    });
    const { logLines, readIdentity, readTime } = execution;
    return { result, logLines, readIdentity, readTime, readSet: transaction.readSet, journal: run.journal };
  }

  runMutation(call: FunctionCall, transaction: Transaction): MutationOutcome {
    const execution = new Execution(call.identity, call);
    const result = this.runGuarded(() => this.run(execution, transaction, call, "mutation", 0, null).result);
    return { result, logLines: execution.logLines };
  }

  guard(jobs: readonly (() => void)[], onTerminated: (index: number) => void): void {
    guard(jobs, onTerminated);
  }

  resolve(address: FunctionAddress): FunctionInfo | null {
    return findFunction(this.deployment, address);
  }

  replaceDeployment(deployment: Deployment, env: Environment = this.env): void {
    for (const { isolateFile } of this.deployment.components.values()) forgetSourceMap(isolateFile);
    this.deployment = deployment;
    this.env = env;
    this.pools = new Map();
  }

  /** For runs: calls a function inside of `call.transaction`. */
  runNested(execution: Execution, call: NestedCall, depth: number): FunctionResult {
    if (depth > MAX_CALL_DEPTH) {
      return fail("Cross component call depth limit exceeded. Do you have an infinite loop in your app?");
    }
    const { transaction } = call;
    const savepoint = call.kind === "mutation" ? transaction.savepoint() : null;
    const anyCall = { ...call, visibility: "any" } as const;
    const { result } = this.run(execution, transaction, anyCall, call.kind, depth, null);
    if (!result.ok && savepoint !== null) transaction.rollbackTo(savepoint);
    return result;
  }

  private run(
    execution: Execution,
    transaction: Transaction,
    call: Pick<FunctionCall, "address" | "args" | "visibility">,
    kind: "query" | "mutation",
    depth: number,
    journal: string | null,
  ): { result: FunctionResult; journal: string | null } {
    const { address } = call;
    const checked = checkCall(this.deployment, call, kind, transaction);
    if (!checked.ok) return { result: fail(checked.message), journal: null };
    if (depth === 0 && hasCommitTs(checked.argsJson))
      return { result: fail(COMMIT_TS_ARGUMENT), journal: null };

    const userMsBefore = execution.userMs;
    const pool = this.poolFor(address.component);
    const takenAt = performance.now();
    const context = pool.take();
    // It loads the modules of a component whose contexts are all in use.
    execution.discount(performance.now() - takenAt);
    const run = new FunctionRun(
      execution,
      transaction,
      this,
      address,
      kind,
      checked.argsJson,
      depth,
      journal,
    );
    context.start(run);
    const { ended } = run;
    const { timeout } = execution;
    // A context whose run has not ended still waits for it.
    if (ended !== null && timeout === null) pool.give(context);
    if (timeout !== null) return { result: fail(timeout), journal: null };

    const outcome = this.resultOf(run, checked.info, depth);
    const use = {
      argsBytes: checked.argsSize,
      resultBytes: outcome.size,
      userMs: execution.userMs - userMsBefore,
    };
    for (const text of limitWarnings(transaction, use)) addLogLine(execution.logLines, "WARN", text);
    return { result: outcome.result, journal: outcome.result.ok ? run.nextJournal : null };
  }

  /** `size`: bytes of the result, `null` if there is none. */
  private resultOf(
    { ended, address, transaction }: FunctionRun,
    info: FunctionInfo,
    depth: number,
  ): { result: FunctionResult; size: number | null } {
    const failed = (message: string) => ({ result: fail(message), size: null });
    if (ended === null) return failed("Returned promise will never resolve");
    if (!ended.ok) return { result: { ok: false, error: ended.error }, size: null };
    if (depth === 0 && hasCommitTs(ended.resultJson)) return failed(COMMIT_TS_RESULT);
    const value = JSON.parse(ended.resultJson) as JSONValue;
    const checked = checkReturns(address, info, value, ended.resultJson, transaction);
    return checked.ok ? { result: { ok: true, value }, size: checked.size } : failed(checked.message);
  }

  private poolFor(component: ComponentPath): ContextPool {
    const known = this.pools.get(component);
    if (known !== undefined) return known;
    const bundle = this.deployment.components.get(component);
    if (bundle === undefined) throw new Error(`No component at "${component}"`);
    const env = JSON.stringify(environmentOf(this.deployment, component, this.env));
    const pool = new ContextPool(compileScripts(this.deployment.runtimeCode, bundle, env));
    this.pools.set(component, pool);
    return pool;
  }

  /** Callers that run a single function need not care for the guard. */
  private runGuarded(work: () => FunctionResult): FunctionResult {
    if (insideGuard()) return work();
    let result = fail(USER_TIMEOUT_MESSAGE);
    guard(
      [
        () => {
          result = work();
        },
      ],
      () => undefined,
    );
    return result;
  }
}

function fail(message: string): FunctionResult {
  return { ok: false, error: failureOfMessage(message) };
}
