import type { Database } from "../../database/types.ts";
import { describeRange } from "../../values/describeRange.ts";
import type { Conflict } from "./commitLog.ts";

/** What became of a function's mutations. An attempt that lost against another is a retry, unless it was the last. */
export type MutationCounts = {
  function: string;
  /** Calls that have ended, however. */
  calls: number;
  attempts: number;
  retries: number;
  /** Calls that lost at their last attempt too. */
  failures: number;
  /** Calls for which there was no place in time. */
  refusals: number;
};

/** Conflicts of one function with another over one kind of range. */
export type ConflictCounts = {
  function: string;
  /** The function whose commit changed what `function` had read. */
  changedBy: string;
  /** The table's component, `""` for the app. */
  component: string;
  table: string;
  index: string;
  /** What was read of the index, without the values: `owner = …, time ≥ …`. */
  range: string;
  /** The latest such range with its values. */
  example: string;
  count: number;
};

export type ConflictReport = {
  /** Most retries first. */
  mutations: MutationCounts[];
  /** Most frequent first. */
  conflicts: ConflictCounts[];
};

/** Kinds of conflicts that are told apart; beyond, only functions are counted. */
const MAX_KINDS = 1000;

/** Counts what conflicts, since the start. */
export class ConflictCounter {
  private readonly mutations = new Map<string, MutationCounts>();
  private readonly conflicts = new Map<string, ConflictCounts>();

  constructor(private readonly database: Database) {}

  recordAttempt(name: string): void {
    this.countsOf(name).attempts++;
  }

  recordEnd(name: string, outcome: "done" | "failed" | "refused"): void {
    const counts = this.countsOf(name);
    counts.calls++;
    if (outcome === "failed") counts.failures++;
    if (outcome === "refused") counts.refusals++;
  }

  recordRetry(name: string): void {
    this.countsOf(name).retries++;
  }

  /** Returns the kind of conflict that it was. */
  recordConflict(name: string, { overlap, source }: Conflict): Readonly<ConflictCounts> {
    const { component, table, index } = splitScope(overlap.scope);
    const range =
      overlap.kind === "search"
        ? { text: "a search", shape: "a search" }
        : describeRange(overlap.range, this.database.indexFields(component, table, index));
    const key = JSON.stringify([name, source.function, overlap.scope, range.shape]);
    let counts = this.conflicts.get(key);
    if (counts === undefined) {
      counts = {
        function: name,
        changedBy: source.function,
        component,
        table,
        index,
        range: range.shape,
        example: range.text,
        count: 0,
      };
      if (this.conflicts.size < MAX_KINDS) this.conflicts.set(key, counts);
    }
    counts.count++;
    counts.example = range.text;
    return counts;
  }

  get report(): ConflictReport {
    return {
      mutations: [...this.mutations.values()]
        .map((counts) => ({ ...counts }))
        .sort((a, b) => b.retries + b.failures - (a.retries + a.failures) || b.calls - a.calls),
      conflicts: [...this.conflicts.values()]
        .map((counts) => ({ ...counts }))
        .sort((a, b) => b.count - a.count),
    };
  }

  private countsOf(name: string): MutationCounts {
    let counts = this.mutations.get(name);
    if (counts === undefined) {
      counts = { function: name, calls: 0, attempts: 0, retries: 0, failures: 0, refusals: 0 };
      this.mutations.set(name, counts);
    }
    return counts;
  }
}

/** The report as lines of text. */
export function formatConflicts({ mutations, conflicts }: ConflictReport): string {
  const lines = ["Mutations: calls, attempts, retries, failures, refusals"];
  for (const { function: name, calls, attempts, retries, failures, refusals } of mutations) {
    lines.push(`  ${name}: ${calls}, ${attempts}, ${retries}, ${failures}, ${refusals}`);
  }
  lines.push(conflicts.length === 0 ? "No conflicts" : "Conflicts, by what was read");
  for (const { function: name, changedBy, component, table, index, range, example, count } of conflicts) {
    const place = component === "" ? table : `${component}/${table}`;
    lines.push(
      `  ${count} × ${name} read ${place}.${index} [${range}], changed by ${changedBy}; last: [${example}]`,
    );
  }
  return lines.join("\n");
}

/** The parts of what `indexScope` has put together. */
export function splitScope(scope: string): { component: string; table: string; index: string } {
  const colon = scope.indexOf(":");
  const dot = scope.indexOf(".", colon);
  return {
    component: scope.slice(0, colon),
    table: scope.slice(colon + 1, dot),
    index: scope.slice(dot + 1),
  };
}
