import { monotonicMs } from "../engine/turns.ts";

/** Seconds' worth of connections that an address may open at once. */
const BURST_S = 5;

/** Addresses above which those that have paid for their connections are forgotten. */
const SWEEP_FROM = 4096;

/**
 * How fast each address may open connections. Each costs the server's one thread up to a millisecond, also when another is closed for it: an
 * address that opens them as fast as they are closed would use up all of it. (The virtual scheduling form of the leaky bucket, ITU-T
 * I.371: one time for each address, at which all of its connections are paid for.)
 */
export class Arrivals {
  /** By `monotonicMs`. */
  private readonly paidAt = new Map<string, number>();

  constructor(private readonly perSecond: number) {}

  /** May `group` open one more connection? `cost`: as how many it counts. */
  admit(group: string, now = monotonicMs(), cost = 1): boolean {
    const at = Math.max(now, this.paidAt.get(group) ?? now) + (1000 * cost) / this.perSecond;
    // Not `at - now`, which may be a little more than what was added.
    if (at > now + 1000 * BURST_S) return false;
    this.paidAt.set(group, at);
    if (this.paidAt.size > SWEEP_FROM) this.sweep(now);
    return true;
  }

  private sweep(now: number): void {
    for (const [group, at] of this.paidAt) if (at <= now) this.paidAt.delete(group);
  }
}
