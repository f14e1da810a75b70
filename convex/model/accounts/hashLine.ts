import { failure } from "../../shared/errors";

/**
 * Passwords of one network that may be in line. Whoever is in line holds an action, which has up to 4 MiB; a network has 16 of them
 * (`embedded/actions/actionLimits.ts`), and pages that renew their sessions need some too.
 */
const MAX_OF_NETWORK = 8;

/** The longest that anybody is asked to come back after, milliseconds: about two hundred passwords. */
const MAX_AWAY_MS = 60_000;

/** What a hash takes until one has been measured, milliseconds. */
const FIRST_HASH_MS = 300;

/** The weight of the newest hash in their average. */
const NEWEST_SHARE = 0.2;

/** Networks above which those that nobody comes back to are forgotten. */
const SWEEP_FROM = 1_000;

/** Somebody's place in line; `leave` gives it up, also in the middle of their turn. */
export interface LinePlace {
  /** Resolves when it is their turn. */
  turn(): Promise<void>;
  leave(): void;
}

/**
 * The line in which passwords are hashed, one at a time. A hash takes one of the four threads that this process also checks tokens, compresses,
 * syncs files and looks names up with: a stranger who tries two hundred passwords at once must not hold all of that up. Networks take
 * turns, so that nobody waits for all that another one tries.
 *
 * An office has one address. Its first eight wait here; each further one is told when it will be their turn, and their page comes back then by
 * itself (`retryInLine`). Only who would have to wait for more than a minute is sent away.
 */
export class HashLine {
  /** Who waits for a turn. Whoever's turn is next comes first. */
  private readonly waiting = new Map<string, (() => void)[]>();
  /** How many of each network are in line. */
  private readonly inLine = new Map<string, number>();
  /** When the last one who was told to come back has had their turn. */
  private readonly bookedUntil = new Map<string, number>();
  private isBusy = false;
  private hashMs = FIRST_HASH_MS;

  /** `now`: milliseconds from an arbitrary start. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Gets in line. Errors: RATE_LIMITED, with scope `line` for who is to come back, and `address` for who is sent away. */
  enter(network: string): LinePlace {
    const ahead = this.inLine.get(network) ?? 0;
    if (ahead >= MAX_OF_NETWORK) this.sendAway(network, ahead);
    this.inLine.set(network, ahead + 1);
    let begunAt: number | null = null;
    let hasLeft = false;
    return {
      turn: async () => {
        await this.untilTurn(network);
        begunAt = this.now();
      },
      leave: () => {
        if (hasLeft) return;
        hasLeft = true;
        const left = (this.inLine.get(network) ?? 0) - 1;
        if (left > 0) this.inLine.set(network, left);
        else this.inLine.delete(network);
        if (begunAt === null) return;
        this.hashMs += NEWEST_SHARE * (this.now() - begunAt - this.hashMs);
        this.callNext();
      },
    };
  }

  private sendAway(network: string, ahead: number): never {
    const now = this.now();
    // Each other network has a turn for each of this one's.
    const turnMs = this.hashMs * Math.max(1, this.inLine.size);
    const at = Math.max(this.bookedUntil.get(network) ?? 0, now + ahead * turnMs) + turnMs;
    const mayComeBack = at - now <= MAX_AWAY_MS;
    if (mayComeBack) this.bookedUntil.set(network, at);
    if (this.bookedUntil.size > SWEEP_FROM) this.sweep(now);
    throw failure(
      "RATE_LIMITED",
      mayComeBack
        ? "Many people of your network are signing in. It will be your turn soon."
        : "Too many people of your network are signing in. Please try again in a minute.",
      {
        retryAfterMs: Math.ceil(Math.min(at - now, MAX_AWAY_MS)),
        scope: mayComeBack ? "line" : "address",
      },
    );
  }

  private sweep(now: number): void {
    for (const [network, until] of this.bookedUntil) if (until <= now) this.bookedUntil.delete(network);
  }

  private untilTurn(network: string): Promise<void> {
    if (!this.isBusy) {
      this.isBusy = true;
      return Promise.resolve();
    }
    const ofNetwork = this.waiting.get(network) ?? [];
    this.waiting.set(network, ofNetwork);
    return new Promise((resolve) => ofNetwork.push(resolve));
  }

  private callNext(): void {
    const [next] = this.waiting;
    if (next === undefined) {
      this.isBusy = false;
      return;
    }
    const [network, ofNetwork] = next;
    this.waiting.delete(network);
    const [call, ...rest] = ofNetwork;
    // Others have their turn before this network's next one.
    if (rest.length > 0) this.waiting.set(network, rest);
    call?.();
  }
}
