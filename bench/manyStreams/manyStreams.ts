/** How many answers may be live at once, with one viewer each, before their text comes late. */
import type { BackendProcess } from "../../tests/helpers/backendProcess.ts";
import { appEnvironment } from "../lib/appEnvironment.ts";
import { withBackend } from "../lib/backend.ts";
import { startChild } from "../lib/childProcess.ts";
import type { Child } from "../lib/childProcess.ts";
import { percentile } from "../lib/statistics.ts";
import { formatMs, formatTable } from "../lib/table.ts";
import type { ProviderRequests } from "./provider.ts";
import type { ViewerRequests } from "./viewers.ts";

const TOKENS_PER_SECOND = 20;
/** A p95 above this ends the series: a reader notices. */
const LATE_MS = 300;
/** Milliseconds over which the answers of a step begin. */
const BEGIN_MS = 2_000;

export type ManyStreamsOptions = {
  /** Live answers at once, ascending. */
  counts: readonly number[];
  /** Seconds for which each step is measured. */
  seconds: number;
};

type Processes = {
  backend: BackendProcess;
  provider: Child<ProviderRequests>;
  viewers: Child<ViewerRequests>;
};

type Step = {
  delays: number[];
  mutationsPerSecond: number;
  /** Cores: seconds of CPU per second. */
  cpu: { backend: number; provider: number; viewers: number };
  residentBytes: number;
  finished: number;
};

export async function benchManyStreams({ counts, seconds }: ManyStreamsOptions): Promise<string> {
  const provider = startChild<ProviderRequests>("manyStreams/provider.ts");
  const viewers = startChild<ViewerRequests>("manyStreams/viewers.ts");
  try {
    const env = appEnvironment(await provider.ask("url", undefined as never));
    const rows = await withBackend("convex", env, async (backend) => {
      const rows: string[][] = [];
      for (const count of counts) {
        const step = await measure({ backend, provider, viewers }, count, seconds);
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
        "backend's memory",
      ],
      rows,
    );
  } finally {
    await Promise.all([provider.close(), viewers.close()]);
  }
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
  await viewers.ask("send", { count, overMs: BEGIN_MS });
  await viewers.ask("takeDelays", undefined as never);
  const look = async () => {
    const [figures, ofProvider, ofViewers] = await Promise.all([
      backend.metrics(),
      provider.ask("cpuSeconds", undefined as never),
      viewers.ask("cpuSeconds", undefined as never),
    ]);
    return { ...figures, ofProvider, ofViewers, at: performance.now() };
  };
  const before = await look();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const delays = await viewers.ask("takeDelays", undefined as never);
  const after = await look();
  const elapsed = (after.at - before.at) / 1000;
  const ends = await viewers.ask("untilEnded", undefined as never);
  return {
    delays,
    mutationsPerSecond: (after.metrics.mutations - before.metrics.mutations) / elapsed,
    cpu: {
      backend: (after.cpuMicros - before.cpuMicros) / 1e6 / elapsed,
      provider: (after.ofProvider - before.ofProvider) / elapsed,
      viewers: (after.ofViewers - before.ofViewers) / elapsed,
    },
    residentBytes: after.residentBytes,
    finished: ends["finished"] ?? 0,
  };
}

function rowOf(count: number, { delays, mutationsPerSecond, cpu, residentBytes, finished }: Step): string[] {
  return [
    String(count),
    formatMs(percentile(delays, 0.5)),
    formatMs(percentile(delays, 0.95)),
    String(finished),
    mutationsPerSecond.toFixed(0),
    cpu.backend.toFixed(2),
    cpu.provider.toFixed(2),
    cpu.viewers.toFixed(2),
    `${(residentBytes / 1e6).toFixed(0)} MB`,
  ];
}
