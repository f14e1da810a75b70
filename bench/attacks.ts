/** What a person notices while others attack the server: each attack for so many seconds, and then all of them at once. */
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { compileDeployment } from "../embedded/bundler/buildDeployment.ts";
import { startBackendProcess } from "../tests/helpers/backendProcess.ts";
import type { BackendProcess } from "../tests/helpers/backendProcess.ts";
import { root, temporaryFolder } from "../tests/helpers/server.ts";
import { ATTACKS } from "./attacks/all.ts";
import type { AttackerRequests } from "./attacks/attacker.ts";
import type { VictimRequests } from "./attacks/victim.ts";
import { appEnvironment } from "./lib/appEnvironment.ts";
import { startChild } from "./lib/childProcess.ts";
import type { Child } from "./lib/childProcess.ts";
import { percentile } from "./lib/statistics.ts";
import { formatMb, formatMs, formatTable } from "./lib/table.ts";
import type { ProviderRequests } from "./manyStreams/provider.ts";

const TOKENS_PER_SECOND = 20;
const MEBIBYTE = 1024 * 1024;
/** As Verbatim itself sets it (`scripts/settings.ts`). */
const FILE_BYTES = 25 * MEBIBYTE;
/** Milliseconds between two looks at the memory. */
const LOOK_EVERY_MS = 500;
const ADDRESSES = 20;
/** Processes of those who attack: in one, attacks would wait for each other. */
const ATTACKERS = 4;
const NONE = "nobody attacks";
const ALL = `all at once by ${ADDRESSES} addresses`;

export type AttacksOptions = {
  seconds: number;
  /** Only these; all by default. */
  names?: readonly string[];
};

type Setting = {
  /** As `npm start` runs them: built, and not in the server, whose memory is measured. */
  buildDir: string;
  env: Record<string, string>;
  provider: Child<ProviderRequests>;
  victim: Child<VictimRequests>;
  attackers: Child<AttackerRequests>[];
};

export async function benchAttacks({ seconds, names }: AttacksOptions): Promise<string> {
  const provider = startChild<ProviderRequests>("manyStreams/provider.ts");
  const victim = startChild<VictimRequests>("attacks/victim.ts");
  const attackers = Array.from({ length: ATTACKERS }, () =>
    startChild<AttackerRequests>("attacks/attacker.ts"),
  );
  const { folder: buildDir, remove } = await temporaryFolder();
  try {
    // As many sends as Verbatim allows by default: other benchmarks have no limit.
    const env = {
      ...appEnvironment(await provider.ask("url")),
      VERBATIM_LIVE_RUNS: "200",
      VERBATIM_SENDS_PER_MINUTE: "60",
      VERBATIM_LIVE_RUNS_PER_PERSON: "4",
      VERBATIM_MAX_RUNS_PER_PERSON: "30",
    };
    const functionsDir = path.join(root, "convex");
    await compileDeployment({ functionsDir, outDir: buildDir, env, leaveOutHelpers: true });
    const setting: Setting = { buildDir, env, provider, victim, attackers };
    const every = Object.keys(ATTACKS);
    const rows: string[][] = [];
    for (const name of [NONE, ...every, ALL]) {
      if (names !== undefined && !names.includes(name)) continue;
      const attacks = name === NONE ? [] : name === ALL ? every : [name];
      rows.push([name, ...(await measure(setting, attacks, name === ALL ? ADDRESSES : 1, seconds))]);
      console.log(rows.at(-1)?.join(" | "));
    }
    return formatTable(
      `A person's page beside each attack by one client for ${seconds} s`,
      [
        "attack",
        "writes",
        "p50",
        "p95",
        "longest",
        "answers' ends",
        "newcomer p50",
        "longest",
        "peak memory",
        "disk per second",
        "fast again after",
        "sends lost",
      ],
      rows,
    );
  } finally {
    await Promise.all([provider, victim, ...attackers].map((child) => child.close()));
    await remove();
  }
}

async function measure(
  { buildDir, env, provider, victim, attackers }: Setting,
  attacks: readonly string[],
  addresses: number,
  seconds: number,
): Promise<string[]> {
  // The victims' answers go on as long as the attack.
  await provider.ask("pace", {
    tokens: (seconds + 5) * TOKENS_PER_SECOND,
    tokensPerSecond: TOKENS_PER_SECOND,
  });
  const { folder, remove } = await temporaryFolder();
  const dataDir = path.join(folder, "data");
  const backend = await startBackendProcess({
    buildDir,
    dataDir,
    port: 0,
    env,
    limits: { fileBytes: FILE_BYTES },
    showErrors: false,
  });
  try {
    await victim.ask("begin", backend.url);
    const before = await bytesIn(dataDir);
    const memory = watchMemory(backend);
    const begun = Array.from({ length: attacks.length && Math.max(addresses, attacks.length) }, (_, i) => ({
      name: attacks[i % attacks.length] ?? NONE,
      address: `127.0.0.${2 + (i % addresses)}`,
    }));
    await Promise.all(
      attackers.map((attacker, k) =>
        attacker.ask("begin", { url: backend.url, attacks: begun.filter((_, i) => i % ATTACKERS === k) }),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const grown = (await bytesIn(dataDir)) - before;
    // From when they are told to end: it takes them a while.
    // JSON knows no infinity.
    const recovering = victim.ask("recover") as Promise<number | null>;
    const sends = (await Promise.all(attackers.map((attacker) => attacker.ask("end")))).flat();
    const recovery = await recovering;
    const { writes, newcomers, ends, acknowledged } = await victim.ask("end");
    const peak = await memory.stop();
    sends.push(...acknowledged);
    const lost = await victim.ask("countLost", { url: backend.url, sends });
    return [
      String(writes.length),
      formatMs(percentile(writes, 0.5)),
      formatMs(percentile(writes, 0.95)),
      formatMs(Math.max(...writes)),
      ends.join(", "),
      formatMs(percentile(newcomers, 0.5)),
      formatMs(Math.max(...newcomers)),
      formatMb(peak),
      formatMb(grown / seconds),
      formatMs(recovery ?? Infinity),
      `${lost} of ${sends.length}`,
    ];
  } finally {
    await backend.close();
    await remove();
  }
}

/** Looks at the memory of the backend until it is told to stop; gives the most that it has had, in bytes. */
function watchMemory(backend: BackendProcess): { stop: () => Promise<number> } {
  let peak = 0;
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      peak = Math.max(peak, (await backend.metrics()).residentBytes);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  })();
  return {
    stop: async () => {
      over.abort();
      await watching;
      return peak;
    },
  };
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    // A file may have been removed since.
    if (entry.isFile())
      bytes += (await stat(path.join(entry.parentPath, entry.name)).catch(() => null))?.size ?? 0;
  }
  return bytes;
}
