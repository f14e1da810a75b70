import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { afterEach, beforeEach, expect, vi } from "vitest";

/** What the app asks of scrypt: a third of a second for each password. */
const FULL_COST = { N: 32_768, r: 8, p: 3 };
const CHEAP_COST = { N: 2, r: 1, p: 1 };

/** Undoes what the test began with. */
let useRealScrypt: () => void = () => undefined;

/**
 * Has the file's tests hash passwords at almost no cost. All else is the app's own: what it stores, how it compares, and the line in which
 * it does so. Fails where less than the full cost is asked for.
 */
export function useCheapHashes(): void {
  beforeEach(() => {
    const { scrypt } = crypto;
    const spy = vi.spyOn(crypto, "scrypt").mockImplementation((password, salt, length, cost, done) => {
      expect(cost).toMatchObject(FULL_COST);
      scrypt(password, salt, length, CHEAP_COST, done);
    });
    // Those who have imported it by its name see it only then.
    syncBuiltinESMExports();
    useRealScrypt = () => {
      spy.mockRestore();
      syncBuiltinESMExports();
    };
  });
  afterEach(() => useRealScrypt());
}

/** From here on the test hashes as the app does everywhere else. */
export function atFullCost(): void {
  useRealScrypt();
}
