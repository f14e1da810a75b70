/** Many clients on one query: what a commit that matters to them costs, and one that does not. */
import { makeFunctionReference } from "convex/server";
import { openClient, withBackend } from "./lib/backend.ts";
import { percentile } from "./lib/statistics.ts";
import { formatMs, formatTable } from "./lib/table.ts";

const ROUNDS = 20;
/** Clients that connect at the same time. */
const CONNECT_BATCH = 50;

const fill = makeFunctionReference<"mutation", { from: number; count: number }, string[]>("documents:fill");
const get = makeFunctionReference<"query", { id: string }, { body: string }>("documents:get");
const touch = makeFunctionReference<"mutation", { id: string; body: string }, null>("documents:touch");

export function benchFanOut(clientCount: number): Promise<string> {
  return withBackend("bench/fixtures/documents", {}, async (backend) => {
    const writer = openClient(backend.url);
    const [watched, other] = (await writer.mutation(fill, { from: 0, count: 2 })) as [string, string];
    const clients = [];
    const delays: number[] = [];
    /** What every client waits for: `body`, written at `writtenAt`. */
    let round = { body: "", writtenAt: 0, missing: 0, done: () => {} };
    for (let i = 0; i < clientCount; i += CONNECT_BATCH) {
      const batch = Array.from({ length: Math.min(CONNECT_BATCH, clientCount - i) }, () =>
        openClient(backend.url),
      );
      await Promise.all(
        batch.map((client) => {
          client.onUpdate(get, { id: watched }, ({ body }) => {
            if (body !== round.body) return;
            delays.push(performance.now() - round.writtenAt);
            round.missing -= 1;
            if (round.missing === 0) round.done();
          });
          return client.query(get, { id: watched });
        }),
      );
      clients.push(...batch);
    }

    const before = (await backend.metrics()).metrics;
    for (let i = 0; i < ROUNDS; i++) {
      await new Promise<void>((done, failed) => {
        round = { body: `round ${i}`, writtenAt: performance.now(), missing: clientCount, done };
        writer.mutation(touch, { id: watched, body: round.body }).catch(failed);
      });
    }
    const relevant = (await backend.metrics()).metrics;
    for (let i = 0; i < ROUNDS; i++) await writer.mutation(touch, { id: other, body: `other ${i}` });
    const irrelevant = (await backend.metrics()).metrics;

    await Promise.all([writer, ...clients].map((client) => client.close()));
    return formatTable(
      `${clientCount.toLocaleString("en")} clients on one query`,
      ["executions per relevant commit", "per irrelevant commit", "mutation sent to delivered p50", "p95"],
      [
        [
          ((relevant.queries - before.queries) / ROUNDS).toFixed(2),
          ((irrelevant.queries - relevant.queries) / ROUNDS).toFixed(2),
          formatMs(percentile(delays, 0.5)),
          formatMs(percentile(delays, 0.95)),
        ],
      ],
    );
  });
}
