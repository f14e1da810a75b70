/**
 * Clients write, the server is killed at random moments and started again on the same file: afterwards every mutation
 * that was acknowledged must be there once. Used by the test (25 rounds) and by `npm run durability` (200).
 */
import { ConvexClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import WebSocket from "ws";
import { startBackendProcess } from "../helpers/backendProcess.ts";
import type { BackendProcess } from "../helpers/backendProcess.ts";
import { announceNetwork } from "../helpers/network.ts";
import { freePort, temporaryFolder } from "../helpers/server.ts";

const WRITERS = 4;
/** Mutations that each writer keeps in flight, so that a kill meets some on their way and some half done. */
const IN_FLIGHT = 8;
/** A round's process is killed after it has acknowledged a random number of mutations, up to this, */
const MOST_ACKNOWLEDGED = 200;
/** and then a moment: between two commits, or in one. */
const LONGEST_MOMENT_MS = 5;

const append = makeFunctionReference<"mutation", { writer: string; number: number }, null>("ledger:append");
const numbers = makeFunctionReference<"query", { writer: string; from: number }, number[]>("ledger:numbers");

export type Durability = {
  kills: number;
  acknowledged: number;
  /** Acknowledged and gone. */
  lost: number;
  /** There more than once. */
  doubled: number;
};

/** One person who appends 0, 1, 2, … through one official client for the whole time, over all restarts. */
class Writer {
  readonly acknowledged = new Set<number>();
  private readonly client: ConvexClient;
  private next = 0;
  private isStopped = false;
  private readonly lanes: Promise<void>[];

  constructor(
    readonly name: string,
    url: string,
    private readonly onAcknowledged: () => void,
  ) {
    this.client = new ConvexClient(url, {
      webSocketConstructor: WebSocket as unknown as typeof globalThis.WebSocket,
      unsavedChangesWarning: false,
      logger: false,
    });
    this.lanes = Array.from({ length: IN_FLIGHT }, () => this.write());
  }

  private async write(): Promise<void> {
    while (!this.isStopped) {
      const number = this.next++;
      await this.client.mutation(append, { writer: this.name, number });
      this.acknowledged.add(number);
      this.onAcknowledged();
    }
  }

  /** Resolves when everything in flight has been acknowledged, by whichever process. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.lanes);
  }

  async stored(): Promise<number[]> {
    const all: number[] = [];
    for (;;) {
      const page = await this.client.query(numbers, { writer: this.name, from: (all.at(-1) ?? -1) + 1 });
      if (page.length === 0) return all;
      all.push(...page);
    }
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

export async function measureDurability(
  kills: number,
  onRound: (round: number) => void = () => {},
): Promise<Durability> {
  const { folder, remove } = await temporaryFolder();
  await mkdir(path.join(folder, "functions"));
  const options = {
    functionsDir: fileURLToPath(new URL("fixtures/ledger", import.meta.url)),
    buildDir: path.join(folder, "functions"),
    dataDir: path.join(folder, "data"),
    port: await freePort(),
  };
  let server: BackendProcess = await startBackendProcess(options);
  // Built once; from now on every process takes what is there.
  const { functionsDir: _, ...built } = options;
  let acknowledged = 0;
  let onAcknowledged: () => void = () => {};
  const writers = Array.from({ length: WRITERS }, (_, i) => {
    return new Writer(`writer${i}`, server.url, () => {
      acknowledged += 1;
      onAcknowledged();
    });
  });
  const untilAcknowledged = (count: number): Promise<void> =>
    new Promise((resolve) => {
      onAcknowledged = () => {
        if (acknowledged >= count) resolve();
      };
    });
  try {
    for (let round = 0; round < kills; round++) {
      await untilAcknowledged(acknowledged + 1 + Math.random() * MOST_ACKNOWLEDGED);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_MOMENT_MS));
      await server.kill();
      server = await startBackendProcess(built);
      announceNetwork();
      onRound(round + 1);
    }
    await Promise.all(writers.map((writer) => writer.stop()));
    return await count(kills, writers);
  } finally {
    await Promise.all(writers.map((writer) => writer.close()));
    await server.close();
    await remove();
  }
}

async function count(kills: number, writers: readonly Writer[]): Promise<Durability> {
  const result = { kills, acknowledged: 0, lost: 0, doubled: 0 };
  for (const writer of writers) {
    const stored = await writer.stored();
    const unique = new Set(stored);
    result.acknowledged += writer.acknowledged.size;
    result.doubled += stored.length - unique.size;
    result.lost += [...writer.acknowledged].filter((number) => !unique.has(number)).length;
  }
  return result;
}
