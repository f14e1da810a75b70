/** What it costs to stream one answer to one viewer and to ten, and how long a token takes to reach them. */
import { createByteCounter } from "../lib/countingSocket.ts";
import { withBackend } from "../lib/backend.ts";
import { appEnvironment } from "../lib/appEnvironment.ts";
import { answerText, DelayMeter, startPacedProvider } from "../lib/provider.ts";
import { percentile } from "../lib/statistics.ts";
import { formatKb, formatMs, formatRatio, formatTable } from "../lib/table.ts";
import { agent } from "./agent.ts";
import type { Implementation } from "./implementation.ts";
import { oneDocument } from "./oneDocument.ts";
import { persistentTextStreaming } from "./persistentTextStreaming.ts";
import { verbatim, verbatimOnConvex } from "./verbatim.ts";

const TOKENS_PER_SECOND = 50;
const IMPLEMENTATIONS = [verbatim, verbatimOnConvex, oneDocument, agent, persistentTextStreaming];

type Cost = {
  mutations: number;
  executions: number;
  bytesWritten: number;
  bytesRead: number;
  rawPerViewer: number;
  wirePerViewer: number;
  delays: number[];
};

/** The implementations run at the same time, each with a provider and a backend process of its own. */
export async function benchAnswers(
  sizes: readonly number[],
  viewerCounts: readonly number[],
): Promise<string> {
  const tables: string[] = [];
  for (const size of sizes) {
    for (const viewers of viewerCounts) {
      const costs = await Promise.all(IMPLEMENTATIONS.map((one) => measure(one, size, viewers)));
      tables.push(tableOf(size, viewers, costs));
    }
  }
  return tables.join("\n");
}

async function measure(implementation: Implementation, size: number, viewerCount: number): Promise<Cost> {
  const text = answerText(size);
  const provider = await startPacedProvider(text, TOKENS_PER_SECOND);
  try {
    return await withBackend(
      implementation.functions,
      { ...appEnvironment(provider.server.url), ...implementation.env },
      async (backend) => {
        const answer = await implementation.ask(backend.url);
        const counters = Array.from({ length: viewerCount }, createByteCounter);
        const meters = counters.map(() => new DelayMeter(() => provider.sent));
        const whole: Promise<void>[] = [];
        const viewers = await Promise.all(
          counters.map(({ webSocketConstructor }, i) => {
            let viewer: Promise<{ close(): Promise<void> }>;
            whole.push(
              new Promise((resolve) => {
                viewer = answer.view(webSocketConstructor, (length) => {
                  meters[i]!.seen(length);
                  if (length >= size) resolve();
                });
              }),
            );
            return viewer!;
          }),
        );
        const before = (await backend.metrics()).metrics;
        const received = counters.map(({ rawBytes, wireBytes }) => ({ rawBytes, wireBytes }));
        await Promise.all([answer.generate(), ...whole]);
        const after = (await backend.metrics()).metrics;
        const perViewer = (key: "rawBytes" | "wireBytes") =>
          counters.reduce((sum, counter, i) => sum + counter[key] - received[i]![key], 0) / viewerCount;
        const cost: Cost = {
          mutations: after.mutations - before.mutations,
          executions:
            after.mutations +
            after.queries +
            after.actions -
            before.mutations -
            before.queries -
            before.actions,
          bytesWritten: after.bytesWritten - before.bytesWritten,
          bytesRead: after.bytesRead - before.bytesRead,
          rawPerViewer: perViewer("rawBytes"),
          wirePerViewer: perViewer("wireBytes"),
          delays: meters.flatMap(({ delays }) => delays),
        };
        await Promise.all(viewers.map((viewer) => viewer.close()));
        await answer.close();
        return cost;
      },
    );
  } finally {
    await provider.server.close();
  }
}

function tableOf(size: number, viewers: number, costs: readonly Cost[]): string {
  const [ours] = costs;
  const beside = (value: number, own: number): string =>
    value === own ? "" : ` (${formatRatio(value, own)})`;
  const rows = costs.map((cost, i) => [
    IMPLEMENTATIONS[i]!.name,
    `${cost.mutations}${beside(cost.mutations, ours!.mutations)}`,
    `${cost.executions}${beside(cost.executions, ours!.executions)}`,
    `${formatKb(cost.bytesWritten)}${beside(cost.bytesWritten, ours!.bytesWritten)}`,
    (cost.bytesWritten / size).toFixed(1),
    `${formatKb(cost.bytesRead)}${beside(cost.bytesRead, ours!.bytesRead)}`,
    `${formatKb(cost.rawPerViewer)}${beside(cost.rawPerViewer, ours!.rawPerViewer)}`,
    `${formatKb(cost.wirePerViewer)}${beside(cost.wirePerViewer, ours!.wirePerViewer)}`,
    (cost.wirePerViewer / size).toFixed(2),
    `${formatMs(percentile(cost.delays, 0.5))} / ${formatMs(percentile(cost.delays, 0.95))}`,
  ]);
  return formatTable(
    `An answer of ${size / 1000} KB at ${TOKENS_PER_SECOND} tokens a second, ${viewers} viewer${viewers > 1 ? "s" : ""} (× Verbatim)`,
    [
      "implementation",
      "mutations",
      "executions",
      "written",
      "written per answer byte",
      "read",
      "sent to each viewer, raw",
      "compressed",
      "compressed per answer byte",
      "provider to viewer p50 / p95",
    ],
    rows,
  );
}
