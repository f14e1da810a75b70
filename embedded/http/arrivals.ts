import { monotonicMs } from "../engine/turns.ts";
import { HeavyUse } from "../heavyUse.ts";

/** Seconds' worth of connections that an address may open at once. */
const BURST_S = 5;

/** As many addresses as this may open connections as fast as each may; more share what these may open together. */
const AT_FULL_RATE = 2;

/** Connections in a second above which an address is one of these. */
const MANY = 10;

/** Addresses above which those that have paid for their connections are forgotten. */
const SWEEP_FROM = 4096;

/**
 * How fast each address may open connections. Each costs the server's one thread up to a millisecond, also when another is closed for it: an
 * address that opens them as fast as they are closed would use up all of it, and so would many addresses that each open as many as they may. (The
 * virtual scheduling form of the leaky bucket, ITU-T I.371: one time for each address, at which all of its connections are paid for.)
 */
export class Arrivals {
  /** By `monotonicMs`. */
  private readonly paidAt = new Map<string, number>();
  /** Of what they open, or try to. */
  private readonly heavyUse = new HeavyUse(MANY);

  constructor(private readonly perSecond: number) {}

  /** May `group` open one more connection? `cost`: as how many it counts. */
  admit(group: string, now = monotonicMs(), cost = 1): boolean {
    const rate = this.perSecond * Math.min(1, AT_FULL_RATE / this.heavyUse.add(group, 1, now));
    const at = Math.max(now, this.paidAt.get(group) ?? now) + (1000 * cost) / rate;
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
