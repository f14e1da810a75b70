import { readsOf } from "../../database/readWriteSets.ts";
import type { Overlap } from "../../database/readWriteSets.ts";
import type { Commit, ReadSet } from "../../database/types.ts";

/** Who wrote a commit: the function, and what Convex's messages call it. */
export type WriteSource = { function: string; label: string };

/** The backend's own transactions, to which Convex gives many names. */
export const BACKEND_SOURCE: WriteSource = { function: "the backend", label: "system" };

/** A commit that changed what a mutation had read. */
export type Conflict = { overlap: Overlap; source: WriteSource };

type Logged = { commit: Commit; source: WriteSource };

/** The commits since the oldest snapshot that a mutation still has to be checked from. */
export class CommitLog {
  private readonly commits: Logged[] = [];
  /** How many mutations began at each timestamp; the oldest comes first. */
  private readonly snapshots = new Map<bigint, number>();

  /** Commits after `ts` are kept until `close` is called with it. */
  open(ts: bigint): void {
    this.snapshots.set(ts, (this.snapshots.get(ts) ?? 0) + 1);
  }

  close(ts: bigint): void {
    const open = (this.snapshots.get(ts) ?? 0) - 1;
    if (open > 0) {
      this.snapshots.set(ts, open);
      return;
    }
    this.snapshots.delete(ts);
    const [oldest] = this.snapshots.keys();
    const unneeded =
      oldest === undefined ? this.commits.length : this.commits.findIndex(({ commit }) => commit.ts > oldest);
    this.commits.splice(0, unneeded === -1 ? this.commits.length : unneeded);
  }

  add(commit: Commit, source: WriteSource): void {
    if (this.snapshots.size > 0) this.commits.push({ commit, source });
  }

  /** The first commit after `ts` that changed what was read. */
  findConflict(reads: ReadSet, ts: bigint): Conflict | null {
    for (const { commit, source } of this.commits) {
      if (commit.ts <= ts) continue;
      const overlap = readsOf(reads).findOverlap(commit.writes);
      if (overlap !== null) return { overlap, source };
    }
    return null;
  }
}
