/** What a function's syscalls see of its run (`run.ts`), and what that needs of the executor. */
import type { JSONValue } from "convex/values";
import type { QueryCursor, Transaction } from "../database/types.ts";
import type { Environment } from "./environment.ts";
import type { Execution } from "./execution.ts";
import type { Deployment, FunctionAddress, FunctionResult } from "./types.ts";

export type NestedCall = {
  address: FunctionAddress;
  args: JSONValue;
  kind: "query" | "mutation";
  /** The caller's own, or for a query with `useStaleSnapshot` one of the snapshot that the caller began with. */
  transaction: Transaction;
};

/** What runs need of the executor. */
export interface RunServices {
  readonly deployment: Deployment;
  readonly env: Environment;
  runNested(execution: Execution, call: NestedCall, depth: number): FunctionResult;
}

export interface CallingRun {
  readonly execution: Execution;
  readonly transaction: Transaction;
  readonly services: RunServices;
  readonly address: FunctionAddress;
  readonly kind: "query" | "mutation";
  readonly depth: number;
  readonly journal: string | null;
  /** Open queries by the id that the function knows them by. */
  readonly cursors: Map<number, QueryCursor>;
  nextCursorId: number;
  /** Where the page ended that this run read, if it read one. */
  nextJournal: string | null;
}
