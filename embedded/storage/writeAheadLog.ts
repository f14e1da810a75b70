import { randomBytes } from "node:crypto";
import { closeSync, fdatasync, fdatasyncSync, openSync } from "node:fs";

/** Milliseconds that a sync may take before somebody looks whether it has begun, and that this may take. */
const LOOK_AFTER_MS = 25;
const MAX_LOOK_MS = 25;

/** Test clocks must not hold up the disk. */
const realSetTimeout = setTimeout;
const realClearTimeout = clearTimeout;
const realSetImmediate = setImmediate;

/** Node.js's pool of threads, which is shared with whatever else runs in this process. It begins its work in order. */
export type Pool = {
  /** Makes everything written to an open file durable: `fs.fdatasync`. */
  sync: (descriptor: number, done: (error: Error | null) => void) => void;
  /** Has it do next to nothing. When that is done, whatever it was given before has begun. */
  pass: (done: () => void) => void;
};

const NODE_POOL: Pool = { sync: fdatasync, pass: (done) => randomBytes(1, done) };

/**
 * SQLite's write-ahead log (`…-wal`), synced from here and not by SQLite, whose COMMIT would block this thread until the disk has
 * answered. With `synchronous=NORMAL` a COMMIT only appends to the log, and a sync of the log afterwards makes it and all commits
 * before it durable: the very sync that `synchronous=FULL` does at the end of a COMMIT (https://sqlite.org/wal.html#performance_considerations).
 * SQLite still syncs where the order of writes matters: the log before a checkpoint copies from it, the database file before
 * the log is begun anew, and the header of a log begun anew before frames follow it. So it makes no difference whether a
 * checkpoint comes between a COMMIT and its sync: what it copied is durable already.
 *
 * The file stays the same one while the database is open: only the last connection removes it, when it is closed.
 */
export class WriteAheadLog {
  private readonly descriptor: number;
  private running = 0;
  private isClosed = false;

  /** `file`: the database file, open and read from, so that its log exists. */
  constructor(
    file: string,
    private readonly pool: Pool = NODE_POOL,
  ) {
    // Windows syncs only files that are open for writing.
    this.descriptor = openSync(`${file}-wal`, "r+");
    // A process that was killed may have left commits that are not durable yet, and will be read from here on.
    this.syncNow();
  }

  /** Is a `syncSoon` under way? */
  get isSyncing(): boolean {
    return this.running > 0;
  }

  /** Durable on return. */
  syncNow(): void {
    fdatasyncSync(this.descriptor);
  }

  /**
   * Resolves when everything that was committed before the call is durable. Where the pool is too busy to begin with the sync, this thread
   * syncs by itself; where it has begun, the disk is slow, and this thread must not stand still for as long as that takes.
   */
  syncSoon(): Promise<void> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      let timer: NodeJS.Timeout;
      const done = (error: unknown): void => {
        isOver = true;
        realClearTimeout(timer);
        if (error === null) resolve();
        else
          reject(error instanceof Error ? error : new Error("The log could not be synced", { cause: error }));
      };
      const later = (ms: number, work: () => void): void => {
        // What the pool has answered during a long turn of this thread is heard before the immediates.
        const unlessOver = (): void => {
          if (!isOver) work();
        };
        timer = realSetTimeout(() => realSetImmediate(unlessOver), ms);
      };
      const look = (): void => {
        let hasBegun = false;
        this.pool.pass(() => (hasBegun = true));
        later(MAX_LOOK_MS, () => {
          if (!hasBegun) syncHere();
        });
      };
      const syncHere = (): void => {
        try {
          this.syncNow();
          done(null);
        } catch (error) {
          done(error);
        }
      };
      later(LOOK_AFTER_MS, look);
      this.running++;
      this.pool.sync(this.descriptor, (error) => {
        this.running--;
        done(error ?? null);
        this.release();
      });
    });
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.release();
  }

  /** Not under a sync, or its number might be another file's by then. */
  private release(): void {
    if (this.isClosed && this.running === 0) closeSync(this.descriptor);
  }
}
