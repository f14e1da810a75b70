import type { Transaction } from "../database/types.ts";
import type { FunctionCall, FunctionFailure, MutationOutcome } from "../functions/types.ts";
import { nameRequest } from "./logOutcome.ts";
import { failureOf, timedOut } from "./runFailures.ts";
import type { MutationHooks } from "./types.ts";
import type { JobParts } from "./work.ts";

/** What a mutation came to: what it wants to commit, or what one of its hooks threw. */
export type MutationEnd =
  | { kind: "ended"; outcome: MutationOutcome; transaction: Transaction }
  | { kind: "hookThrew"; error: unknown };

type Ran = { kind: "ran" | "repeated"; outcome: MutationOutcome } | { kind: "hookThrew"; error: unknown };

/** One run of a mutation with its hooks, without its commit. The steps are those of a `Job`. */
export class MutationRun {
  private transaction: Transaction;
  private ended: Ran | null = null;

  constructor(
    private readonly call: FunctionCall,
    private readonly hooks: MutationHooks,
    private readonly parts: JobParts,
  ) {
    this.transaction = parts.database.begin("mutation");
  }

  run(): void {
    const repeated = this.runBefore();
    if (repeated !== null) {
      this.ended = repeated;
      return;
    }
    const { call, transaction, parts } = this;
    const beforeCall = transaction.savepoint();
    const outcome = failureOf(parts.log, () => parts.runner.runMutation(call, transaction), failedMutation);
    if (!outcome.result.ok) transaction.rollbackTo(beforeCall);
    this.ended = { kind: "ran", outcome };
  }

  cutOff(): void {
    // Whatever the transaction was in the middle of, it is not to be used again.
    this.transaction = this.parts.database.begin("mutation");
    this.ended = { kind: "ran", outcome: failedMutation(timedOut()) };
  }

  /** To be committed at once. */
  finish(): MutationEnd {
    return this.finishWith(this.ended);
  }

  /**
   * To be committed later. What a function that threw had read is not checked then, as on Convex (`Ok(Err(…))` in
   * `retry_mutation` of crates/application/src/application_function_runner/mod.rs): its hooks write by themselves.
   */
  finishForLater(): MutationEnd {
    const { ended } = this;
    if (ended?.kind !== "ran" || ended.outcome.result.ok) return this.finishWith(ended);
    this.transaction = this.parts.database.begin("mutation");
    return this.finishWith(this.runBefore() ?? ended);
  }

  private runBefore(): Ran | null {
    try {
      const earlier = this.hooks.before?.(this.transaction) ?? null;
      return earlier === null ? null : { kind: "repeated", outcome: earlier };
    } catch (error) {
      return { kind: "hookThrew", error };
    }
  }

  private finishWith(ended: Ran | null): MutationEnd {
    if (ended === null) throw new Error("A mutation was finished that has not run");
    if (ended.kind === "hookThrew") return ended;
    const { transaction } = this;
    if (ended.kind === "ran") {
      this.parts.metrics.recordRun("mutations", transaction.usage);
      // Before the hooks: a repetition is told the same.
      nameRequest(this.call, ended.outcome);
      try {
        this.hooks.after?.(transaction, ended.outcome);
      } catch (error) {
        return { kind: "hookThrew", error };
      }
    }
    return { kind: "ended", outcome: ended.outcome, transaction };
  }
}

function failedMutation(error: FunctionFailure): MutationOutcome {
  return { result: { ok: false, error }, logLines: [] };
}
