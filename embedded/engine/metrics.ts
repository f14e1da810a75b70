import type { TransactionUsage } from "../database/types.ts";

/**
 * What the functions of one backend have done since its start. Functions that others call inside their transaction are
 * part of these; a live query counts each time that it runs, once for all who share it.
 */
export type Metrics = TransactionUsage & {
  queries: number;
  mutations: number;
  /** HTTP actions included. */
  actions: number;
};

export class MetricsCounter {
  private readonly counts: Metrics = {
    queries: 0,
    mutations: 0,
    actions: 0,
    documentsRead: 0,
    bytesRead: 0,
    documentsWritten: 0,
    bytesWritten: 0,
  };

  get now(): Metrics {
    return { ...this.counts };
  }

  recordRun(kind: "queries" | "mutations", usage: TransactionUsage): void {
    this.counts[kind] += 1;
    this.counts.documentsRead += usage.documentsRead;
    this.counts.bytesRead += usage.bytesRead;
    this.counts.documentsWritten += usage.documentsWritten;
    this.counts.bytesWritten += usage.bytesWritten;
  }

  recordAction(): void {
    this.counts.actions += 1;
  }
}
