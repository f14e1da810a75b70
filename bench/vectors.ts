/**
 * Vector search in the embedded backend beside a plain loop over `Float32Array`s, on the same vectors: from the query as an
 * action sends it to the ids, without the action itself. Documents are left out: a search never reads them.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";
import { openDatabase } from "../embedded/database/database.ts";
import type { Database, SchemaJson } from "../embedded/database/types.ts";
import { openSqliteStorage } from "../embedded/storage/sqliteStorage.ts";
import { generateId } from "../embedded/values/ids.ts";
import { filterValue, normalised } from "../embedded/vectors/vectorEntry.ts";
import { percentile, timeEach } from "./lib/statistics.ts";
import { formatMs, formatRatio, formatTable } from "./lib/table.ts";

const DIMENSIONS = 1536;
const LIMIT = 10;
/** Vectors lie around so many centres, as those of texts lie around their subjects. */
const CENTRES = 200;
const SPREAD = 1;
const ROUNDS = { embedded: 60, peer: 10 };

const SCHEMA = defineSchema({
  texts: defineTable({
    embedding: v.array(v.float64()),
    half: v.string(),
    hundredth: v.string(),
  }).vectorIndex("by_embedding", {
    vectorField: "embedding",
    dimensions: DIMENSIONS,
    filterFields: ["half", "hundredth"],
  }),
});
/** The first table of a user. */
const TABLE_NUMBER = 10_001;

/** What of the vectors a search looks at: field of the index, and how many values it has. */
type Filter = { label: string; field: "half" | "hundredth" | null; values: number };
const FILTERS: readonly Filter[] = [
  { label: "no filter", field: null, values: 1 },
  { label: "a filter that half of them pass", field: "half", values: 2 },
  { label: "a filter that 1 of 100 passes", field: "hundredth", values: 100 },
];

export async function benchVectors(count: number): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-vectors-"));
  try {
    return await measure(path.join(folder, "data.sqlite"), count);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(file: string, count: number): Promise<string> {
  const vectors = store(file, count);
  const openedAt = performance.now();
  const database = openDatabase(openSqliteStorage(file));
  const openMs = performance.now() - openedAt;
  const queries = queryVectors();
  const memoryBefore = process.memoryUsage.rss();
  const [firstMs] = (await timeEach(1, () => search(database, queries[0]!, FILTERS[0]!))) as [number];
  const memory = (process.memoryUsage.rss() - memoryBefore) / 1e6;

  const rows: string[][] = [];
  for (const filter of FILTERS) {
    const query = (round: number): number[] => queries[round % queries.length]!;
    const [times, processor] = await timeOf(ROUNDS.embedded, (round) =>
      search(database, query(round), filter),
    );
    const longestBlock = await longestTurn((round) => search(database, query(round), filter));
    const [peer, peerProcessor] = await timeOf(ROUNDS.peer, async (round) => {
      plainLoop(vectors, normalised(query(round))!, filter);
    });
    const [median, p95] = [percentile(times, 0.5), percentile(times, 0.95)];
    const peerP95 = percentile(peer, 0.95);
    rows.push([
      filter.label,
      formatMs(median),
      formatMs(p95),
      formatMs(peerP95),
      formatRatio(peerP95, p95),
      formatMs(processor),
      formatMs(peerProcessor),
      formatMs(longestBlock),
    ]);
  }
  database.close();
  const table = formatTable(
    `Vector search: the ${LIMIT} best of ${count.toLocaleString("en")} vectors of ${DIMENSIONS} dimensions`,
    ["", "median", "p95", "plain loop, p95", "plain loop : p95", "processor", "plain loop", "longest block"],
    rows,
  );
  return (
    `${table}Opening the data file: ${formatMs(openMs)}. The first search, which reads the vectors into memory: ` +
    `${formatMs(firstMs)}; it made the process ${memory.toFixed(0)} MB larger.\n`
  );
}

/** The times of `count` calls, and the processor's mean time for one, which other programs do not change: milliseconds. */
async function timeOf(count: number, work: (round: number) => Promise<unknown>): Promise<[number[], number]> {
  const before = process.cpuUsage();
  const times = await timeEach(count, work);
  const { user, system } = process.cpuUsage(before);
  return [times, (user + system) / 1000 / count];
}

/** Writes the vectors into a data file, and gives them for the peer. */
function store(file: string, count: number): Float32Array[] {
  const storage = openSqliteStorage(file);
  const database = openDatabase(storage);
  const schema = JSON.parse((SCHEMA as unknown as { export(): string }).export()) as SchemaJson;
  database.pushSchema(new Map([["", schema]]));
  const index = storage.indexes().find(({ name }) => name === "by_embedding")!.id;
  const next = numbers(1);
  const centres = Array.from({ length: CENTRES }, () => randomVector(next));
  const vectors: Float32Array[] = [];
  for (let n = 0; n < count; n++) {
    const centre = centres[n % CENTRES]!;
    const vector = normalised(Array.from(centre, (component) => component + SPREAD * next()))!;
    vectors.push(vector);
    const filters = [filterValue(String(n % 2)), filterValue(String(n % 100))];
    storage.vectors.put(index, { id: generateId(TABLE_NUMBER), vector, filters });
    if (n % 1000 === 999) storage.flush();
  }
  database.close();
  return vectors;
}

function search(database: Database, vector: number[], { field }: Filter): Promise<unknown> {
  const expressions = field === null ? null : { $eq: [{ $field: field }, { $literal: "1" }] };
  return database.vectorSearch("", { indexName: "texts.by_embedding", vector, limit: LIMIT, expressions });
}

/** What one would write without an index: all products, the best kept in order. */
function plainLoop(vectors: readonly Float32Array[], query: Float32Array, { values }: Filter): number[] {
  const best: { place: number; score: number }[] = [];
  for (let place = 0; place < vectors.length; place++) {
    if (values > 1 && place % values !== 1) continue;
    const vector = vectors[place]!;
    let score = 0;
    for (let i = 0; i < DIMENSIONS; i++) score += vector[i]! * query[i]!;
    if (best.length === LIMIT && score <= best[LIMIT - 1]!.score) continue;
    const at = best.findIndex((other) => other.score < score);
    best.splice(at === -1 ? best.length : at, 0, { place, score });
    best.length = Math.min(best.length, LIMIT);
  }
  return best.map(({ place }) => place);
}

function queryVectors(): number[][] {
  const centres = numbers(1);
  const noise = numbers(2);
  return Array.from({ length: 20 }, () =>
    Array.from(randomVector(centres), (component) => component + SPREAD * noise()),
  );
}

/** The longest time in milliseconds for which a search keeps others from their turn. */
async function longestTurn(work: (round: number) => Promise<unknown>): Promise<number> {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  let longest = 0;
  for (let round = 0; round < ROUNDS.embedded; round++) {
    const state = { isRunning: true };
    await turn();
    let last = performance.now();
    const ended = work(round).finally(() => {
      state.isRunning = false;
    });
    while (state.isRunning) {
      await turn();
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
    await ended;
  }
  return longest;
}

function randomVector(next: () => number): Float32Array {
  return Float32Array.from({ length: DIMENSIONS }, next);
}

/** The same numbers each time, from -1 to 1 (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}
