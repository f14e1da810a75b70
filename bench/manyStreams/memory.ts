/** What the backend's process holds after very many answers. */
import { formatMb, formatTable } from "../lib/table.ts";
import { withProcesses } from "./processes.ts";

/** 2 KB, at once. */
const PACE = { tokens: 400, tokensPerSecond: 1_000_000 };
/** Answers at the same time. */
const WAVE = 50;
/** Milliseconds after which an answer counts as not ended. */
const PATIENCE_MS = 120_000;

/** `looks`: after how many answers memory is looked at, ascending multiples of 50. */
export async function benchMemory(looks: readonly number[]): Promise<string> {
  const rows = await withProcesses({}, async ({ backend, provider, viewers }) => {
    await viewers.ask("signIn", { url: backend.url, count: WAVE });
    await provider.ask("pace", PACE);
    const rows: string[][] = [];
    let answers = 0;
    let finished = 0;
    for (const look of looks) {
      for (; answers < look; answers += WAVE) {
        await viewers.ask("send", { count: WAVE, overMs: 0, patienceMs: PATIENCE_MS });
        finished += (await viewers.ask("untilEnded")).counts["finished"] ?? 0;
      }
      const { residentBytes } = await backend.metrics();
      rows.push([answers.toLocaleString("en"), finished.toLocaleString("en"), formatMb(residentBytes)]);
    }
    return rows;
  });
  return formatTable(
    `Memory after so many answers of 2 KB, ${WAVE} at a time`,
    ["answers", "finished", "backend's memory"],
    rows,
  );
}
