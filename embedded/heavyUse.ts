const WINDOW_MS = 1_000;

/** Counts those who use much of something that all share: more than `much` of it within a second. */
export class HeavyUse {
  /** What each has used in this window of time. */
  private readonly used = new Map<string, number>();
  private endsAt = 0;
  private users = 0;

  constructor(private readonly much: number) {}

  /** `user` uses so much, at `now` (milliseconds). Returns how many used much in the window before this one. */
  add(user: string, amount: number, now: number): number {
    if (now >= this.endsAt) this.beginWindow(now);
    this.used.set(user, (this.used.get(user) ?? 0) + amount);
    return this.users;
  }

  private beginWindow(now: number): void {
    this.users = 0;
    for (const amount of this.used.values()) if (amount > this.much) this.users++;
    this.used.clear();
    this.endsAt = now + WINDOW_MS;
  }
}
