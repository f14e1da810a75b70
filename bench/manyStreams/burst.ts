/** Many people who send at one moment: does everybody get their answer, and how long does it take? */
import { formatMb, formatTable } from "../lib/table.ts";
import { withProcesses } from "./processes.ts";

/** Each answer lasts about half a second. */
const PACE = { tokens: 20, tokensPerSecond: 40 };
/** Milliseconds after which an answer counts as not ended. */
const PATIENCE_MS = 300_000;

/** What `VERBATIM_LIVE_RUNS` is; `null` is the default. */
const PLACES: readonly (number | null)[] = [null, 4];

/** `crowds`: how many people send at once, each in a step of its own. */
export async function benchBurst(crowds: readonly number[]): Promise<string> {
  const rows: string[][] = [];
  for (const places of PLACES) {
    const env: Record<string, string> = places === null ? {} : { VERBATIM_LIVE_RUNS: String(places) };
    for (const count of crowds)
      rows.push([...(await measure(env, count))].toSpliced(1, 0, placesText(places)));
  }
  return formatTable(
    "People who send at one moment, each with a socket of their own",
    ["people", "places", "finished", "crashed", "otherwise", "longest wait for text", "memory after"],
    rows,
  );
}

const placesText = (places: number | null): string => (places === null ? "default" : String(places));

function measure(env: Record<string, string>, count: number): Promise<string[]> {
  return withProcesses(env, async ({ backend, provider, viewers }) => {
    await viewers.ask("signIn", { url: backend.url, count });
    await provider.ask("pace", PACE);
    await viewers.ask("send", { count, overMs: 0, patienceMs: PATIENCE_MS });
    const { counts, longestWaitMs } = await viewers.ask("untilEnded");
    const { finished = 0, crashed = 0, ...others } = counts;
    const otherwise = Object.entries(others).map(([reason, people]) => `${reason} ${people}`);
    const { residentBytes } = await backend.metrics();
    return [
      String(count),
      String(finished),
      String(crashed),
      otherwise.join(", ") || "0",
      `${(longestWaitMs / 1000).toFixed(1)} s`,
      formatMb(residentBytes),
    ];
  });
}
