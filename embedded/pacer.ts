import { SERVER } from "./functions/client.ts";
import { monotonicMs } from "./engine/turns.ts";
import { HeavyUse } from "./heavyUse.ts";
import { PacedLine } from "./pacedLine.ts";

/** How much of the server's one thread a payer may use to have its messages read, in the long run. */
const SHARE = 1 / 4;

/** How much of it all who use much may use together, so that a crowd of them leaves room for others. */
const SHARE_OF_ALL = 1 / 2;

/** Milliseconds in a second from which on that is much. */
const MUCH_MS = 20;

/** Milliseconds that it may use at once. */
const BURST_MS = 50;

/** The longest that a message is kept waiting before it stands in line, in milliseconds. */
const MAX_WAIT_MS = 2_000;

/** Payers above which those that owe nothing any more are forgotten. */
const SWEEP_FROM = 4096;

/** What a payer owed at a time (of `monotonicMs`). */
type Debt = { ms: number; at: number };

/**
 * Bounds the time that reading a client's messages takes (JSON, tokens, subscriptions), which is spent before anything of them stands in
 * the engine's line: whoever has used more than their share is read on later.
 */
export class Pacer {
  private readonly debts = new Map<string, Debt>();
  private readonly heavyUse = new HeavyUse(MUCH_MS);
  private share = SHARE;

  /** `now`: milliseconds, from an arbitrary start. */
  constructor(
    private readonly line = new PacedLine(),
    private readonly now: () => number = monotonicMs,
  ) {}

  /** So many milliseconds were used. */
  charge(payer: string, ms: number): void {
    if (payer === SERVER) return;
    const now = this.now();
    this.share = Math.min(SHARE, SHARE_OF_ALL / this.heavyUse.add(payer, ms, now));
    this.debts.set(payer, { ms: this.debtOf(payer, now) + ms, at: now });
    if (this.debts.size > SWEEP_FROM) this.sweep(now);
  }

  /** Milliseconds after which the next message may be read. */
  waitMs(payer: string): number {
    if (!this.debts.has(payer)) return 0;
    const over = this.debtOf(payer, this.now()) - BURST_MS;
    return Math.min(MAX_WAIT_MS, Math.max(0, over / this.share));
  }

  /** Resolves when the next message may be read; `null` if that is now. */
  rest(payer: string): Promise<void> | null {
    const waitMs = this.waitMs(payer);
    return waitMs === 0 ? null : this.line.after(payer, waitMs);
  }

  private debtOf(payer: string, now: number): number {
    const debt = this.debts.get(payer);
    return debt === undefined ? 0 : Math.max(0, debt.ms - this.share * (now - debt.at));
  }

  private sweep(now: number): void {
    for (const payer of this.debts.keys()) if (this.debtOf(payer, now) === 0) this.debts.delete(payer);
  }
}
