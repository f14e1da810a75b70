import { createReadStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import type { ReadStream } from "node:fs";
import path from "node:path";
import { convexToJson } from "convex/values";
import type { JSONValue } from "convex/values";
import type { Core } from "../../core.ts";
import type { HoldableFileStore } from "../../files/heldDeletions.ts";
import { HttpError } from "../../http/respond.ts";
import type { Log } from "../../log.ts";
import { writeSnapshot } from "./writeSnapshot.ts";

const TABLE = "_exports";

export type ExportsParts = { core: Core; store: HoldableFileStore; folder: string; log: Log };

/**
 * Exports for `convex export`: the newest is kept until the next, or until the server starts again.
 *
 *   requested ──► in_progress ──► completed: its file can be downloaded
 *                      └────────► failed
 */
export class Exports {
  private running: Promise<void> | null = null;
  private readonly closing = new AbortController();

  constructor(private readonly parts: ExportsParts) {}

  async start(): Promise<void> {
    await rm(this.parts.folder, { recursive: true, force: true });
  }

  /** Begins an export. Throws an `HttpError` while another one runs. */
  async request(includeStorage: boolean): Promise<void> {
    if (this.running !== null) {
      throw new HttpError(400, "ExportInProgress", "There is already an export requested or in progress.");
    }
    let started!: () => void;
    let refused!: (error: unknown) => void;
    const begun = new Promise<void>((resolve, reject) => {
      started = resolve;
      refused = reject;
    });
    this.running = this.run(includeStorage, started)
      .catch(refused)
      .finally(() => {
        this.running = null;
      });
    await begun;
  }

  /** The file of the export of that timestamp, and its size. Throws an `HttpError` if it is gone. */
  async open(ts: string): Promise<{ stream: ReadStream; size: number }> {
    const file = this.fileOf(ts);
    try {
      const { size } = await stat(file);
      return { stream: createReadStream(file), size };
    } catch {
      throw new HttpError(
        400,
        "ExportNotFound",
        `There is no export of the timestamp ${ts} any more. Request a new one`,
      );
    }
  }

  /** Ends an export that is running: it has failed. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  private async run(includeStorage: boolean, started: () => void): Promise<void> {
    const { core, store, folder, log } = this.parts;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { engine } = core;
    const id = await engine.transact(({ system }) => {
      for (const row of system.query("", TABLE, "by_creation_time", []))
        system.delete("", row["_id"] as string);
      return system.insert("", TABLE, {
        state: "in_progress",
        requestor: "snapshotExport",
        format: { format: "zip", include_storage: includeStorage },
      });
    });
    started();
    const release = store.holdDeletions();
    const unfinished = path.join(folder, "unfinished");
    let outcome: Record<string, JSONValue>;
    try {
      const { signal } = this.closing;
      const components = [...core.executor.deployment.components.keys()];
      const ts = await writeSnapshot(
        { engine, store, components },
        { file: unfinished, includeStorage, signal },
      );
      await rename(unfinished, this.fileOf(String(ts)));
      outcome = {
        state: "completed",
        start_ts: convexToJson(ts),
        complete_ts: convexToJson(engine.database.ts),
        zip_object_key: String(ts),
      };
    } catch (error) {
      await rm(unfinished, { force: true });
      if (!this.closing.signal.aborted) log.error("ADMIN", "An export failed", error);
      outcome = { state: "failed" };
    } finally {
      release();
    }
    if (engine.refusal === null) await engine.transact(({ system }) => system.patch("", id, outcome));
  }

  private fileOf(ts: string): string {
    if (!/^\d+$/.test(ts)) throw new HttpError(400, "BadTimestamp", "An export is named by its timestamp");
    return path.join(this.parts.folder, `${ts}.zip`);
  }
}
