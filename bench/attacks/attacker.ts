/** The process of those who attack. */
import { serveParent } from "../lib/childProcess.ts";
import * as ofTheTable from "./ofTheTable.ts";
import * as others from "./others.ts";
import type { Attack } from "./target.ts";

const ATTACKS: Readonly<Record<string, Attack>> = { ...ofTheTable, ...others };

let running = new AbortController();

const requests = {
  names: () => ({ ofTheTable: Object.keys(ofTheTable), others: Object.keys(others) }),
  /** Begins an attack from an address, beside those that are going on. */
  begin: ({ name, url, address }: { name: string; url: string; address: string }) => {
    const attack = ATTACKS[name];
    if (attack === undefined) throw new Error(`There is no attack "${name}"`);
    const { signal } = running;
    void attack({ url, port: Number(new URL(url).port), address, signal }).catch((error: unknown) => {
      if (!signal.aborted) console.error(`${name} could not go on: ${String(error)}`);
    });
  },
  end: () => {
    running.abort();
    running = new AbortController();
  },
};

export type AttackerRequests = typeof requests;

process.setMaxListeners(0);
serveParent(requests);
