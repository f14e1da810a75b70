/** How many answers may be live at once, with one viewer each, before their text comes late. */
import { percentile } from "../lib/statistics.ts";
import { formatMb, formatMs, formatTable } from "../lib/table.ts";
import { withProcesses } from "./processes.ts";
import type { Processes } from "./processes.ts";

const TOKENS_PER_SECOND = 20;
/** A p95 above this ends the series: a reader notices. */
const LATE_MS = 300;
/** Milliseconds over which the answers of a step begin. */
const BEGIN_MS = 2_000;
/** Milliseconds after which an answer counts as not ended. */
const PATIENCE_MS = 120_000;

export type ManyStreamsOptions = {
  /** Live answers at once, ascending. */
  counts: readonly number[];
  /** Seconds for which each step is measured. */
  seconds: number;
};

type Step = {
  delays: number[];
  mutationsPerSecond: number;
  /** Cores: seconds of CPU per second. */
  cores: { backend: number; provider: number; viewers: number };
  residentBytes: number;
  finished: number;
};

export async function benchManyStreams({ counts, seconds }: ManyStreamsOptions): Promise<string> {
  const rows = await withProcesses({ VERBATIM_LIVE_RUNS: String(Math.max(...counts)) }, async (processes) => {
    const rows: string[][] = [];
    for (const count of counts) {
      const step = await measure(processes, count, seconds);
      rows.push(rowOf(count, step));
      if (!(percentile(step.delays, 0.95) <= LATE_MS)) break;
    }
    return rows;
  });
  return formatTable(
    `Live answers at ${TOKENS_PER_SECOND} tokens a second, one viewer each, until p95 passes ${LATE_MS} ms`,
    [
      "live answers",
      "provider to viewer p50",
      "p95",
      "finished",
      "mutations per second",
      "cores: backend",
      "provider",
      "viewers",
      "backend's CPU per mutation",
      "backend's memory",
    ],
    rows,
  );
}

async function measure(
  { backend, provider, viewers }: Processes,
  count: number,
  seconds: number,
): Promise<Step> {
  await viewers.ask("signIn", { url: backend.url, count });
  // Enough that the first answer has not ended when the last has been measured.
  const tokens = (seconds + (2 * BEGIN_MS) / 1000 + 2) * TOKENS_PER_SECOND;
  await provider.ask("pace", { tokens, tokensPerSecond: TOKENS_PER_SECOND });
  await viewers.ask("send", { count, overMs: BEGIN_MS, patienceMs: PATIENCE_MS });
  await viewers.ask("takeDelays");
  const look = async () => {
    const [figures, ofProvider, ofViewers] = await Promise.all([
      backend.metrics(),
      provider.ask("cpuSeconds"),
      viewers.ask("cpuSeconds"),
    ]);
    return { ...figures, ofProvider, ofViewers, at: performance.now() };
  };
  const before = await look();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const delays = await viewers.ask("takeDelays");
  const after = await look();
  const elapsed = (after.at - before.at) / 1000;
  const { counts } = await viewers.ask("untilEnded");
  return {
    delays,
    mutationsPerSecond: (after.metrics.mutations - before.metrics.mutations) / elapsed,
    cores: {
      backend: (after.cpuMicros - before.cpuMicros) / 1e6 / elapsed,
      provider: (after.ofProvider - before.ofProvider) / elapsed,
      viewers: (after.ofViewers - before.ofViewers) / elapsed,
    },
    residentBytes: after.residentBytes,
    finished: counts["finished"] ?? 0,
  };
}

function rowOf(
  count: number,
  { delays, mutationsPerSecond, cores, residentBytes, finished }: Step,
): string[] {
  return [
    String(count),
    formatMs(percentile(delays, 0.5)),
    formatMs(percentile(delays, 0.95)),
    String(finished),
    mutationsPerSecond.toFixed(0),
    cores.backend.toFixed(2),
    cores.provider.toFixed(2),
    cores.viewers.toFixed(2),
    formatMs((1000 * cores.backend) / mutationsPerSecond),
    formatMb(residentBytes),
  ];
}
