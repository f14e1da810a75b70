import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** Keeps 30,000 objects, each for so long that it is no longer young when it is replaced. Prints how often the heap was collected whole. */
const CHURN = `
  const { PerformanceObserver, constants } = require("node:perf_hooks");
  let collections = 0;
  new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections++;
  }).observe({ entryTypes: ["gc"] });
  const kept = new Array(30_000).fill(null);
  const churn = (i) => {
    for (let end = i + 30_000; i < end; i++) kept[i % kept.length] = { text: "x".repeat(200) + i, list: [i, i, i, i, i, i, i, i] };
    if (i < 600_000) setImmediate(churn, i);
    else setImmediate(() => console.log(collections));
  };
`;

/** In a process of its own, whose heap may have 4 GiB: there V8 lets garbage grow to three times what is kept. */
async function collectionsWith(begin: string): Promise<number> {
  const heapGrowth = fileURLToPath(new URL("../../embedded/heapGrowth.ts", import.meta.url));
  const script = `${CHURN} const { boundHeapGrowth } = require(${JSON.stringify(heapGrowth)}); ${begin} churn(0);`;
  const flags = ["--max-old-space-size=4096", "--max-semi-space-size=4", "--import", "tsx"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, "--eval", script]);
  return Number(stdout);
}

test("[E16.11] garbage grows to half of what is kept, and is then collected", async () => {
  const [bounded = 0, unbounded = 0] = await Promise.all(["boundHeapGrowth();", ""].map(collectionsWith));
  expect(bounded).toBeGreaterThanOrEqual(2 * unbounded);
});
