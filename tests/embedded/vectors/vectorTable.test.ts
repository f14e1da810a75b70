/** The two passes of a search in memory, beside a plain loop. */
import { expect, test } from "vitest";
import fc from "fast-check";
import type { VectorEntry } from "../../../embedded/storage/types.ts";
import { maxDeviation, quantise } from "../../../embedded/vectors/quantise.ts";
import { ScoreKernel } from "../../../embedded/vectors/scoreKernel.ts";
import { normalised } from "../../../embedded/vectors/vectorEntry.ts";
import { VectorTable, type VectorHit } from "../../../embedded/vectors/vectorTable.ts";

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

const anyDimensions = fc.integer({ min: 2, max: 100 });
const anyVectorOf = (dimensions: number) =>
  fc
    .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: dimensions, maxLength: dimensions })
    .map((components) => normalised(components)!);

test("[E21.1] the kernel's products are those of integers, in every number of dimensions", () => {
  for (const dimensions of [2, 15, 16, 17, 1536, 4096]) {
    const kernel = new ScoreKernel(dimensions);
    const next = numbers(dimensions);
    // The greatest that there can be, and any.
    const rows = [127, -127, 0].map((code) => Array<number>(dimensions).fill(code));
    for (let row = 0; row < 50; row++)
      rows.push(Array.from({ length: dimensions }, () => Math.round(next() * 127)));
    for (const [slot, row] of rows.entries()) kernel.codes(slot).set(row);
    for (const query of [
      Array<number>(dimensions).fill(4095),
      Array.from({ length: dimensions }, () => Math.round(next() * 4095)),
    ]) {
      const padded = new Int16Array(kernel.stride);
      padded.set(query);
      const products = new Int32Array(rows.length);
      kernel.score(padded, Int32Array.from(rows.keys()), products);
      const expected = rows.map((row) => row.reduce((sum, code, i) => sum + code * query[i]!, 0));
      expect([...products]).toEqual(expected);
    }
  }
});

test("[E21.1] no score is further from its estimate than the bound says", () => {
  const anyPair = anyDimensions.chain((dimensions) =>
    fc.tuple(anyVectorOf(dimensions), anyVectorOf(dimensions)),
  );
  fc.assert(
    fc.property(anyPair, ([vector, query]) => {
      const codes = new Int8Array(vector.length);
      const queryCodes = new Int16Array(vector.length);
      const stored = quantise(vector, codes);
      const asked = quantise(query, queryCodes);
      const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
        Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);
      const estimate = stored.scale * asked.scale * dot(codes, queryCodes);
      expect(Math.abs(estimate - dot(vector, query))).toBeLessThanOrEqual(
        maxDeviation(stored.error, asked.error),
      );
    }),
    { numRuns: 300 },
  );
});

function naive(entries: ReadonlyMap<string, VectorEntry>, query: Float32Array, limit: number): VectorHit[] {
  return [...entries.values()]
    .map(({ id, vector }) => {
      let score = 0;
      for (let i = 0; i < query.length; i++) score += vector[i]! * query[i]!;
      return { id, score: Math.fround(score) };
    })
    .sort((a, b) => b.score - a.score || (a.id < b.id ? 1 : -1))
    .slice(0, limit);
}

test("[E21.1] near and equal vectors among many are told apart exactly", async () => {
  const dimensions = 256;
  const next = numbers(1);
  const vectorNear = (centre: Float32Array, distance: number): Float32Array =>
    normalised(Array.from(centre, (component) => component + distance * next()))!;
  const centres = [1, 2, 3].map(() => vectorNear(new Float32Array(dimensions), 1));
  const table = new VectorTable(dimensions, 0);
  const entries = new Map<string, VectorEntry>();
  for (let n = 0; n < 3000; n++) {
    const id = String(n).padStart(5, "0");
    const vector = n % 10 === 0 ? centres[0]! : vectorNear(centres[n % 3]!, n % 2 === 0 ? 1e-4 : 0.1);
    const entry = { id, vector, filters: [] };
    entries.set(id, entry);
    table.put(entry);
  }
  for (const query of [...centres, vectorNear(centres[1]!, 0.01)]) {
    for (const limit of [1, 10, 256]) {
      expect(await table.search({ vector: query, limit, filters: [] })).toEqual(naive(entries, query, limit));
    }
  }
});

test("[E21.10] a search that takes several turns lets others work, and is of one moment", async () => {
  const dimensions = 16;
  const next = numbers(2);
  const any = (): Float32Array => normalised(Array.from({ length: dimensions }, next))!;
  // Ten vectors in a turn.
  const table = new VectorTable(dimensions, 1, 10 * dimensions);
  const entries = new Map<string, VectorEntry>();
  const put = (id: string): void => {
    const entry = { id, vector: any(), filters: [String(Math.round(next()))] };
    entries.set(id, entry);
    table.put(entry);
  };
  for (let n = 0; n < 200; n++) put(`v${n}`);
  const query = any();
  const state = { hasEnded: false };
  const search = table
    .search({ vector: query, limit: 20, filters: [] })
    .then((hits) => {
      // What it holds now, not a turn later.
      expect(hits).toEqual(naive(entries, query, 20));
    })
    .finally(() => {
      state.hasEnded = true;
    });
  let turns = 0;
  for (; !state.hasEnded; turns++) {
    for (let n = 0; n < 5; n++) put(`v${Math.abs(Math.round(next() * 250))}`);
    const id = `v${Math.abs(Math.round(next() * 250))}`;
    table.delete(id);
    entries.delete(id);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await search;
  expect(turns).toBeGreaterThan(10);
});
