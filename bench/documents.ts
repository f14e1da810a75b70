/** Reads and writes in tables of growing size: the embedded backend on its SQLite file beside `convex-test`. */
import { convexTest } from "convex-test";
import { anyApi, makeFunctionReference } from "convex/server";
import type { FunctionReference } from "convex/server";
import { openClient, withBackend } from "./lib/backend.ts";
import schema from "./fixtures/documents/schema.ts";
import { percentile, timeEach } from "./lib/statistics.ts";
import { formatMs, formatRatio, formatTable } from "./lib/table.ts";

/** Documents that one mutation inserts while a table is filled. */
const FILL_BATCH = 2000;
/** Calls timed of each kind; the median is shown. */
const ROUNDS = { embedded: 300, peer: 15 };

type Fill = FunctionReference<"mutation", "public", { from: number; count: number }, string[]>;
const fill: Fill = makeFunctionReference("documents:fill");
const get = makeFunctionReference<"query", { id: string }, unknown>("documents:get");
const range = makeFunctionReference<"query", { from: number }, unknown[]>("documents:range");
const touch = makeFunctionReference<"mutation", { id: string; body: string }, null>("documents:touch");

/** The calls of either engine. */
type Engine = {
  query(reference: FunctionReference<"query">, args: Record<string, unknown>): Promise<unknown>;
  mutation(reference: FunctionReference<"mutation">, args: Record<string, unknown>): Promise<unknown>;
};

type Times = { get: number; range: number; touch: number };
const KINDS: { key: keyof Times; label: string }[] = [
  { key: "get", label: "point read" },
  { key: "range", label: "index range of 20" },
  { key: "touch", label: "mutation of one document" },
];

/** `sizes` in documents, smallest first. */
export async function benchDocuments(sizes: readonly number[]): Promise<string> {
  const embedded: Times[] = [];
  const peer: Times[] = [];
  for (const size of sizes) {
    embedded.push(await measureEmbedded(size));
    peer.push(await measure(openConvexTest(), size, ROUNDS.peer));
  }
  const rows = KINDS.flatMap(({ key, label }) => [
    [label, "embedded", ...embedded.map((times) => formatMs(times[key])), growth(embedded, key), ""],
    [
      "",
      "convex-test",
      ...peer.map((times) => formatMs(times[key])),
      growth(peer, key),
      formatRatio(peer.at(-1)![key], embedded.at(-1)![key]),
    ],
  ]);
  return formatTable(
    "One call in a table of so many documents, median; embedded: from the client, over its socket",
    [
      "call",
      "engine",
      ...sizes.map((size) => size.toLocaleString("en")),
      "largest : smallest",
      "of embedded, largest",
    ],
    rows,
  );
}

const growth = (times: readonly Times[], key: keyof Times): string =>
  formatRatio(times.at(-1)![key], times[0]![key]);

function measureEmbedded(size: number): Promise<Times> {
  return withBackend("bench/fixtures/documents", {}, async ({ url }) => {
    const client = openClient(url);
    try {
      return await measure(client, size, ROUNDS.embedded);
    } finally {
      await client.close();
    }
  });
}

/** In-process and in memory: no socket, no disk. */
function openConvexTest(): Engine {
  const backend = convexTest({
    schema,
    modules: {
      "/fixtures/_generated/api.js": () => Promise.resolve(anyApi),
      "/fixtures/documents.ts": () => import("./fixtures/documents/documents.ts"),
    },
  });
  return {
    query: (reference, args) => backend.query(reference, args),
    mutation: (reference, args) => backend.mutation(reference, args),
  };
}

async function measure(engine: Engine, size: number, rounds: number): Promise<Times> {
  const ids: string[] = [];
  for (let from = 0; from < size; from += FILL_BATCH) {
    const count = Math.min(FILL_BATCH, size - from);
    ids.push(...((await engine.mutation(fill, { from, count })) as string[]));
  }
  // Places spread over the table, the same ones each time.
  const place = (round: number): number => (round * 7919) % size;
  const median = async (work: (round: number) => Promise<unknown>): Promise<number> => {
    await timeEach(Math.ceil(rounds / 5), work);
    return percentile(await timeEach(rounds, work), 0.5);
  };
  return {
    get: await median((round) => engine.query(get, { id: ids[place(round)]! })),
    range: await median((round) => engine.query(range, { from: Math.max(0, place(round) - 20) })),
    touch: await median((round) =>
      engine.mutation(touch, { id: ids[place(round)]!, body: `changed ${round}` }),
    ),
  };
}
