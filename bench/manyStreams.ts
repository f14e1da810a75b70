/** Many clients, each with a live document of its own that is patched ten times a second. */
import type { ConvexClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { openClient, withBackend } from "./lib/backend.ts";
import { percentile } from "./lib/statistics.ts";
import { formatMs, formatTable } from "./lib/table.ts";

const PATCHES_PER_SECOND = 10;
/** Characters of the live text, as of a live tail in the middle of its life. */
const TEXT = "x".repeat(1000);

const newStream = makeFunctionReference<"mutation", Record<string, never>, string>("documents:newStream");
const getStream = makeFunctionReference<"query", { id: string }, { writtenAt: number }>(
  "documents:getStream",
);
const writeStream = makeFunctionReference<"mutation", { id: string; text: string; writtenAt: number }, null>(
  "documents:writeStream",
);

export function benchManyStreams(clientCount: number, seconds: number): Promise<string> {
  return withBackend("bench/fixtures/documents", {}, async (backend) => {
    const clients = Array.from({ length: clientCount }, () => openClient(backend.url));
    const delays: number[] = [];
    const ids = await Promise.all(clients.map((client) => client.mutation(newStream, {})));
    await Promise.all(
      clients.map((client, i) => {
        client.onUpdate(getStream, { id: ids[i]! }, ({ writtenAt }) => {
          if (writtenAt > 0) delays.push(performance.now() - writtenAt);
        });
        return client.query(getStream, { id: ids[i]! });
      }),
    );
    const before = (await backend.metrics()).metrics;
    const begun = performance.now();
    await Promise.all(clients.map((client, i) => stream(client, ids[i]!, i / clientCount, seconds)));
    const elapsed = (performance.now() - begun) / 1000;
    const after = (await backend.metrics()).metrics;
    await Promise.all(clients.map((client) => client.close()));
    return formatTable(
      `${clientCount} clients, each with a document patched ${PATCHES_PER_SECOND} times a second for ${seconds} s`,
      ["mutations per second", "of those asked for", "patch sent to client's view p50", "p95"],
      [
        [
          ((after.mutations - before.mutations) / elapsed).toFixed(0),
          `${((100 * (after.mutations - before.mutations)) / (clientCount * seconds * PATCHES_PER_SECOND)).toFixed(0)} %`,
          formatMs(percentile(delays, 0.5)),
          formatMs(percentile(delays, 0.95)),
        ],
      ],
    );
  });
}

/** Patches on time, whether or not the one before has been acknowledged; `phase` spreads clients over the period. */
async function stream(client: ConvexClient, id: string, phase: number, seconds: number): Promise<void> {
  const period = 1000 / PATCHES_PER_SECOND;
  const begun = performance.now() + phase * period;
  const patches: Promise<null>[] = [];
  for (let i = 0; i < seconds * PATCHES_PER_SECOND; i++) {
    await new Promise((resolve) => setTimeout(resolve, begun + i * period - performance.now()));
    patches.push(client.mutation(writeStream, { id, text: TEXT, writtenAt: performance.now() }));
  }
  await Promise.all(patches);
}
