import { realTimers } from "../../actions/realTimers.ts";
import { afterIo } from "../turns.ts";

/** The time in which commits are held back and mutations wait to be tried again. */
export interface CloudTime {
  /** Calls `ring` in `ms` milliseconds. Returns how to call it off. */
  after(ms: number, ring: () => void): () => void;
  /** To be called whenever the engine has nothing to do. */
  onIdle(): void;
  /** From now on nothing is waited for: the backend is ending. */
  hurry(): void;
}

/** `isBusy` says whether the engine has work to do. */
export type CreateCloudTime = (isBusy: () => boolean) => CloudTime;

type Timer = { due: number; ring: () => void };

/** For servers. */
export class RealTime implements CloudTime {
  private readonly rings = new Map<ReturnType<typeof setTimeout>, () => void>();
  private isHurrying = false;

  after(ms: number, ring: () => void): () => void {
    const timer = realTimers.setTimeout(
      () => {
        this.rings.delete(timer);
        ring();
      },
      this.isHurrying ? 0 : ms,
    );
    this.rings.set(timer, ring);
    return () => {
      realTimers.clearTimeout(timer);
      this.rings.delete(timer);
    };
  }

  onIdle(): void {}

  hurry(): void {
    this.isHurrying = true;
    for (const [timer, ring] of this.rings) {
      realTimers.clearTimeout(timer);
      ring();
    }
    this.rings.clear();
  }
}

/**
 * For tests: time that stands still while there is work, and leaps to the next timer when there is none. So a test waits
 * for nothing and hangs at nothing, whatever it has done to the clock; and what overlaps does not depend on the machine.
 */
export class LeapingTime implements CloudTime {
  /** Milliseconds since it was made. */
  now = 0;
  private readonly timers: Timer[] = [];
  private isLeapDue = false;

  constructor(private readonly isBusy: () => boolean) {}

  after(ms: number, ring: () => void): () => void {
    const timer: Timer = { due: this.now + ms, ring };
    const behind = this.timers.findIndex(({ due }) => due > timer.due);
    this.timers.splice(behind === -1 ? this.timers.length : behind, 0, timer);
    this.onIdle();
    return () => {
      const place = this.timers.indexOf(timer);
      if (place !== -1) this.timers.splice(place, 1);
    };
  }

  onIdle(): void {
    if (this.isLeapDue || this.timers.length === 0) return;
    this.isLeapDue = true;
    afterIo(() => {
      this.isLeapDue = false;
      // It calls again when it is done.
      if (this.isBusy()) return;
      const next = this.timers.shift();
      if (next === undefined) return;
      this.now = next.due;
      next.ring();
      this.onIdle();
    });
  }

  hurry(): void {}
}
