/**
 * The log lines with which a function is told that it comes close to a limit: what fails next is named before it does.
 * Texts and threshold are those of Convex (`crates/udf/src/warnings.rs` and `crates/isolate/src/environment/udf/mod.rs`).
 */
import type { Transaction } from "../database/types.ts";
import { MAX_ARGS_SIZE, MAX_RESULT_SIZE } from "./validateCall.ts";
import { usedBy } from "./transactionBudget.ts";

/** Share of a limit above which there is a warning; Convex's `FUNCTION_LIMIT_WARNING_RATIO`. */
const WARNING_RATIO = 0.8;

const OVER_LIMIT_HELP =
  "Consider using smaller limits in your queries, paginating your queries, or using indexed queries with a " +
  "selective index range expressions.";

type Limit = { actual: number; limit: number; text: string; unit?: string; help?: string };

/** Bytes of the one arguments object and of the result, `null` if there is none. */
export type CallSizes = { args: number; result: number | null };

/** What to say of a call that has ended. */
export function limitWarnings(transaction: Transaction, { args, result }: CallSizes): string[] {
  const { limits } = transaction;
  const used = usedBy(transaction);
  const bytes = " bytes";
  const help = OVER_LIMIT_HELP;
  const all: Limit[] = [
    { actual: args, limit: MAX_ARGS_SIZE, text: "Large size of the function arguments", unit: bytes },
    {
      ...{ actual: used.documentsRead, limit: limits.documentsRead, help },
      text: "Many documents read in a single function execution",
    },
    {
      ...{ actual: used.databaseQueries, limit: limits.rangesRead, help },
      text: "Many reads in a single function execution",
    },
    {
      ...{ actual: used.bytesRead, limit: limits.bytesRead, unit: bytes, help },
      text: "Many bytes read in a single function execution",
    },
    {
      ...{ actual: used.documentsWritten, limit: limits.documentsWritten },
      text: "Many writes in a single function execution",
    },
    {
      ...{ actual: used.bytesWritten, limit: limits.bytesWritten, unit: bytes },
      text: "Many bytes written in a single function execution",
    },
    {
      ...{ actual: used.functionsScheduled, limit: limits.functionsScheduled },
      text: "Many functions scheduled by this mutation",
    },
    {
      ...{ actual: used.scheduledFunctionArgsBytes, limit: limits.scheduledArgsBytes, unit: bytes },
      text: "Large total size of the arguments of scheduled functions from this mutation",
    },
    {
      ...{ actual: result ?? 0, limit: MAX_RESULT_SIZE, unit: bytes },
      text: "Large size of the function return value",
    },
  ];
  return all.filter(isClose).map(({ actual, limit, text, unit = "", help: advice }) => {
    const numbers = `(actual: ${actual}${unit}, limit: ${limit}${unit}).`;
    return `${text} ${numbers}${advice === undefined ? "" : ` ${advice}`}`;
  });
}

function isClose({ actual, limit }: Limit): boolean {
  return actual > Math.floor(WARNING_RATIO * limit) && actual <= limit;
}
