import { afterNewcomers, monotonicMs } from "./engine/turns.ts";

/** Milliseconds of one turn of the event loop in which work that was made to wait is begun. */
const SLICE_MS = 5;

/**
 * The line of work that a `Pacer` has made wait. Of thousands of requests many are due at the same moment: begun at once they would be one turn of the event
 * loop that takes a second, in which everybody else stands still and one newcomer is accepted. Here each turn begins as many as fit into a slice, and
 * payers take turns.
 */
export class PacedLine {
  /** Whoever is next comes first. */
  private readonly lanes = new Map<string, (() => void)[]>();
  private isTurnDue = false;

  /** `accepted`: how many connections have been accepted so far; `now`: milliseconds, from an arbitrary start. */
  constructor(
    private readonly accepted?: () => number,
    private readonly now: () => number = monotonicMs,
  ) {}

  /** Resolves after `ms` milliseconds, when it is the payer's turn. */
  after(payer: string, ms: number): Promise<void> {
    return new Promise((begin) => {
      setTimeout(() => this.push(payer, begin), ms).unref();
    });
  }

  private push(payer: string, begin: () => void): void {
    const lane = this.lanes.get(payer);
    if (lane === undefined) this.lanes.set(payer, [begin]);
    else lane.push(begin);
    this.wake();
  }

  private wake(): void {
    if (this.isTurnDue || this.lanes.size === 0) return;
    this.isTurnDue = true;
    afterNewcomers(() => this.beginNext(this.now() + SLICE_MS), this.accepted);
  }

  private beginNext(deadline: number): void {
    const [[payer, lane] = []] = this.lanes;
    if (payer === undefined || lane === undefined || this.now() > deadline) {
      this.isTurnDue = false;
      this.wake();
      return;
    }
    this.lanes.delete(payer);
    lane.shift()?.();
    if (lane.length > 0) this.lanes.set(payer, lane);
    // After all that it does at once, which is microtasks and ticks.
    queueMicrotask(() => process.nextTick(() => this.beginNext(deadline)));
  }
}
