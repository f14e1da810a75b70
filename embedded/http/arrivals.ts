import { monotonicMs } from "../engine/turns.ts";

/** Seconds' worth of connections that an address may open at once. */
const BURST_S = 5;

/** As many addresses as this may open connections as fast as each may; more share what these may open together. */
const AT_FULL_RATE = 2;

/** Milliseconds in a window of time, of which an address that opens more connections than so many opens many. */
const WINDOW_MS = 1_000;
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
  /** What each has opened, or tried to, in this window. */
  private readonly opened = new Map<string, number>();
  private windowEndsAt = 0;
  private rate: number;

  constructor(private readonly perSecond: number) {
    this.rate = perSecond;
  }

  /** May `group` open one more connection? `cost`: as how many it counts. */
  admit(group: string, now = monotonicMs(), cost = 1): boolean {
    if (now >= this.windowEndsAt) this.beginWindow(now);
    this.opened.set(group, (this.opened.get(group) ?? 0) + 1);
    const at = Math.max(now, this.paidAt.get(group) ?? now) + (1000 * cost) / this.rate;
    // Not `at - now`, which may be a little more than what was added.
    if (at > now + 1000 * BURST_S) return false;
    this.paidAt.set(group, at);
    if (this.paidAt.size > SWEEP_FROM) this.sweep(now);
    return true;
  }

  private beginWindow(now: number): void {
    let many = 0;
    for (const count of this.opened.values()) if (count > MANY) many++;
    this.rate = this.perSecond * Math.min(1, AT_FULL_RATE / many);
    this.opened.clear();
    this.windowEndsAt = now + WINDOW_MS;
  }

  private sweep(now: number): void {
    for (const [group, at] of this.paidAt) if (at <= now) this.paidAt.delete(group);
  }
}
