/** What a transaction may use, by the names that functions know: `ctx.meta.getTransactionMetrics()`, `transactionLimits`. */
import type { JSONValue } from "convex/values";
import type { Transaction, TransactionLimits } from "../database/types.ts";
import { scheduledSizeOf } from "../scheduler/jobs.ts";
import { UserError } from "./types.ts";

/** Our names for the limits, by Convex's (`TransactionLimits` in its `crates/database/src/execution_size.rs`). */
const LIMIT_NAMES = {
  bytesRead: "bytesRead",
  bytesWritten: "bytesWritten",
  databaseQueries: "rangesRead",
  documentsRead: "documentsRead",
  documentsWritten: "documentsWritten",
  functionsScheduled: "functionsScheduled",
  scheduledFunctionArgsBytes: "scheduledArgsBytes",
} as const satisfies Record<string, keyof TransactionLimits>;

type LimitName = keyof typeof LIMIT_NAMES;
const NAMES = Object.keys(LIMIT_NAMES) as LimitName[];

/** How much of each limit a transaction has used. */
export function usedBy(transaction: Transaction): Record<LimitName, number> {
  const scheduled = scheduledSizeOf(transaction);
  return {
    ...transaction.usage,
    databaseQueries: transaction.rangesRead,
    functionsScheduled: scheduled.jobs,
    scheduledFunctionArgsBytes: scheduled.argsBytes,
  };
}

/** How much of each limit was used, and how much is left. */
export function metricsOf(transaction: Transaction): Record<LimitName, { used: number; remaining: number }> {
  const used = usedBy(transaction);
  const { limits } = transaction;
  const metric = (name: LimitName) => {
    return [name, { used: used[name], remaining: limits[LIMIT_NAMES[name]] - used[name] }] as const;
  };
  return Object.fromEntries(NAMES.map(metric)) as ReturnType<typeof metricsOf>;
}

/**
 * The limits of a nested call: so much on top of what its transaction has used, but never more than the caller may
 * (`TransactionLimits::from_budget`, ibid.). Throws a `UserError` for an amount that is none.
 */
export function limitsOfCall(transaction: Transaction, budget: JSONValue): TransactionLimits {
  const used = usedBy(transaction);
  const limits = { ...transaction.limits };
  for (const name of NAMES) {
    const amount = (budget as Partial<Record<string, JSONValue>> | null)?.[name];
    if (amount === undefined) continue;
    if (typeof amount !== "number" || !Number.isInteger(amount) || amount < 0) {
      throw new UserError(
        `Invalid arguments for \`runUdf\`: \`transactionLimits.${name}\` must be a whole number, not negative.`,
        "InvalidArgument",
      );
    }
    limits[LIMIT_NAMES[name]] = Math.min(limits[LIMIT_NAMES[name]], used[name] + amount);
  }
  return limits;
}
