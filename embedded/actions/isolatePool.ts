import { ISOLATE_HEAP_MB, ISOLATE_OUT_OF_MEMORY } from "../engine/cloud/limits.ts";
import type { Log } from "../log.ts";
import { openWorker, type WorkerLimits } from "./connections.ts";
import type { RuntimeCode } from "./protocol.ts";
import { RuntimeSession } from "./runtimeSession.ts";

/** Isolates that are kept for the next run: a thread and some 20 MiB each. */
const MAX_IDLE = 4;

/**
 * Worker threads that run one action of the Convex runtime at a time, each with the memory that an isolate has on Convex.
 * Memory of `ArrayBuffer`s, which Convex limits to 64 MB of their own, is not counted: Node.js cannot limit it.
 */
export class IsolatePool {
  private readonly idle: RuntimeSession[] = [];
  /** In use, of the newest code; those of older code close when their run ends. */
  private readonly busy = new Set<RuntimeSession>();

  constructor(
    private readonly limits: WorkerLimits,
    private readonly log: Log,
  ) {}

  /** For one run, after which it is to be given back. */
  take(code: () => RuntimeCode): RuntimeSession {
    let session = this.idle.pop();
    while (session?.isOpen === false) session = this.idle.pop();
    session ??= new RuntimeSession(code(), openWorker(isolateLimits(this.limits)), this.log);
    this.busy.add(session);
    return session;
  }

  giveBack(session: RuntimeSession): void {
    if (!this.busy.delete(session) || !session.isOpen || this.idle.length === MAX_IDLE) session.retire();
    else this.idle.push(session);
  }

  /** Later runs have new code. */
  retire(): void {
    for (const session of [...this.idle.splice(0), ...this.busy]) session.retire();
    this.busy.clear();
  }

  /** Fails the runs that have not ended, for `reason`. */
  close(reason: string): void {
    for (const session of [...this.idle.splice(0), ...this.busy]) session.close(reason);
    this.busy.clear();
  }
}

function isolateLimits(limits: WorkerLimits): WorkerLimits {
  return { ...limits, maxHeapMb: ISOLATE_HEAP_MB, outOfMemory: ISOLATE_OUT_OF_MEMORY };
}
