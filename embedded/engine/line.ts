import { SERVER } from "../functions/client.ts";
import { RefusalError } from "./cloud/refusal.ts";
import type { Work } from "./work.ts";

/** Milliseconds of work of one payer before the next one's turn. */
const SLICE_MS = 2;

/**
 * Slices that a payer whose work took longer than its slice may be made to wait for. Few, since what is measured is time and not work: on a
 * machine that is busy with other things each of hundreds of payers seems to owe the longest, and would wait for all the others as often.
 */
const MAX_DEBT_SLICES = 10;

/** Works of one client that may be in line: more than a client has in flight on a few connections. */
const MAX_WAITING = 4096;

/** `budgetMs`: what is left of its slice, or what it has taken of slices to come. */
type Lane = { payer: string; works: Work[]; budgetMs: number };

/**
 * The engine's line: who is next. Each payer has a lane, in which work keeps its order. Lanes take turns by the time that they need, not by
 * the number of their works (deficit round robin, Shreedhar and Varghese, 1995). The server's own lane has every second turn, so that
 * nothing that clients send delays heartbeats, ends and clean-up.
 */
export class Line {
  /** How much waits. */
  length = 0;
  private readonly server: Lane = { payer: SERVER, works: [], budgetMs: 0 };
  /** Whoever is next comes first. Those that wait for nothing are here only while they are in debt. */
  private readonly lanes = new Map<string, Lane>();
  /** Whose turn it is. */
  private current: Lane | null = null;
  private wasServersTurn = false;
  /** When the work that was taken last was taken; `null` when it has been paid for. */
  private takenAt: number | null = null;

  /** Throws a `RefusalError` if the payer has too much in line. */
  push(payer: string, work: Work): void {
    this.requireRoom(payer, 1);
    this.laneOf(payer).works.push(work);
    this.length++;
  }

  /** Throws a `RefusalError` if so many more works are too many for the payer. */
  requireRoom(payer: string, count: number): void {
    const waiting = this.lanes.get(payer)?.works.length ?? 0;
    if (payer === SERVER || waiting + count <= MAX_WAITING) return;
    const message = `Too many concurrent requests. One client may have ${MAX_WAITING} in line. Try again later.`;
    throw new RefusalError("TooManyConcurrentRequests", message);
  }

  /** What is next, at `now` (of `monotonicMs`); it stays in line until `shift`. Work that nobody waits for any more is thrown out. */
  next(now: number): Work | null {
    this.pay(now);
    while (this.length > 0) {
      if (this.current === null || this.current.works.length === 0 || this.current.budgetMs <= 0)
        this.current = this.beginTurn();
      const [work] = this.current.works;
      if (work === undefined) continue;
      const signal = signalOf(work);
      if (signal?.aborted !== true) return work;
      this.remove(this.current);
      work.settle.reject(signal.reason);
    }
    return null;
  }

  /** Takes what is next out of the line. Its payer pays for the time from `now` to the next look. */
  shift(now: number): void {
    if (this.current !== null) this.remove(this.current);
    this.takenAt = now;
  }

  /** The work that was taken last has been done at `now`. */
  pay(now: number): void {
    if (this.takenAt !== null && this.current !== null) {
      const budgetMs = this.current.budgetMs - (now - this.takenAt);
      this.current.budgetMs = Math.max(budgetMs, -MAX_DEBT_SLICES * SLICE_MS);
    }
    this.takenAt = null;
  }

  /** Empties it. */
  drain(): Work[] {
    const works = [this.server, ...this.lanes.values()].flatMap((lane) => lane.works.splice(0));
    this.lanes.clear();
    this.current = null;
    this.length = 0;
    return works;
  }

  private remove(lane: Lane): void {
    lane.works.shift();
    this.length--;
  }

  private laneOf(payer: string): Lane {
    if (payer === SERVER) return this.server;
    let lane = this.lanes.get(payer);
    if (lane === undefined) {
      lane = { payer, works: [], budgetMs: 0 };
      this.lanes.set(payer, lane);
    }
    return lane;
  }

  /** Something is in line. */
  private beginTurn(): Lane {
    if (this.server.works.length > 0 && !(this.wasServersTurn && this.hasClients())) {
      this.wasServersTurn = true;
      this.server.budgetMs = SLICE_MS;
      return this.server;
    }
    this.wasServersTurn = false;
    for (;;) {
      const [lane] = this.lanes.values();
      if (lane === undefined) return this.server;
      this.lanes.delete(lane.payer);
      lane.budgetMs = Math.min(lane.budgetMs + SLICE_MS, SLICE_MS);
      if (lane.works.length === 0 && lane.budgetMs > 0) continue;
      this.lanes.set(lane.payer, lane);
      if (lane.works.length > 0 && lane.budgetMs > 0) return lane;
    }
  }

  private hasClients(): boolean {
    return this.length > this.server.works.length;
  }
}

/** Aborted when nobody waits for a work any more. */
function signalOf(work: Work): AbortSignal | null {
  switch (work.kind) {
    case "query":
      return work.signal;
    case "mutation":
    case "attempt":
      return work.hooks.signal ?? null;
    case "commit":
    case "transact":
    case "hold":
      return null;
    default:
      return work satisfies never;
  }
}
