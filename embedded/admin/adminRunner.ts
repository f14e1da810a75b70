import type { Transaction } from "../database/types.ts";
import type { FunctionRunner } from "../engine/types.ts";
import { failureOfMessage } from "../functions/failures.ts";
import { UserError } from "../functions/types.ts";
import type { FunctionCall, FunctionResult, MutationOutcome, QueryOutcome } from "../functions/types.ts";
import type { FunctionLog } from "./functionLog.ts";
import { isSystemPath, type SystemQueries } from "./systemQueries.ts";

/**
 * Stands before the functions' runner: answers an administrator's `_system` queries, which are the backend's own, and
 * records what all others did.
 */
export class AdminRunner implements FunctionRunner {
  constructor(
    private readonly parts: {
      runner: FunctionRunner;
      systemQueries: SystemQueries;
      functionLog: FunctionLog;
    },
  ) {}

  runQuery(call: FunctionCall, transaction: Transaction, journal: string | null): QueryOutcome {
    const { runner, functionLog } = this.parts;
    if (call.visibility === "admin" && isSystemPath(call.address.path))
      return this.runSystem(call, transaction);
    const startedAt = performance.now();
    const outcome = runner.runQuery(call, transaction, journal);
    const durationMs = performance.now() - startedAt;
    functionLog.record({ kind: "Query", address: call.address, ...outcome, durationMs });
    return outcome;
  }

  runMutation(call: FunctionCall, transaction: Transaction): MutationOutcome {
    const startedAt = performance.now();
    const outcome = this.parts.runner.runMutation(call, transaction);
    const durationMs = performance.now() - startedAt;
    this.parts.functionLog.record({ kind: "Mutation", address: call.address, ...outcome, durationMs });
    return outcome;
  }

  guard(jobs: readonly (() => void)[], onTerminated: (index: number) => void): void {
    this.parts.runner.guard(jobs, onTerminated);
  }

  private runSystem({ address, args }: FunctionCall, transaction: Transaction): QueryOutcome {
    let result: FunctionResult;
    try {
      result = { ok: true, value: this.parts.systemQueries.run(address, args, transaction) };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      result = { ok: false, error: failureOfMessage(error.message) };
    }
    return {
      result,
      logLines: [],
      readSet: transaction.readSet,
      readIdentity: false,
      readTime: false,
      journal: null,
    };
  }
}
