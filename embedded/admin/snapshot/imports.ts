import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { JSONValue } from "convex/values";
import type { Core } from "../../core.ts";
import type { SystemAccess } from "../../database/types.ts";
import type { FileStore } from "../../files/fileStore.ts";
import { UserError } from "../../functions/types.ts";
import { limitBody } from "../../http/body.ts";
import { HttpError } from "../../http/respond.ts";
import type { Log } from "../../log.ts";
import { applyImport, changesOf } from "./applyImport.ts";
import type { ImportMode, TableChange } from "./applyImport.ts";
import { readImport } from "./readImport.ts";
import type { ImportFormat } from "./readImport.ts";

const TABLE = "_snapshot_imports";
/** Bytes of one part of an upload (the CLI sends 5 MiB), and parts of one. */
const MAX_PART_BYTES = 64 * 1024 * 1024;
const MAX_PARTS = 4096;
/** Rows that are kept of imports that have ended. */
const MAX_ROWS = 100;
const MODES: readonly string[] = ["requireEmpty", "append", "replace", "replaceAll"];
const FORMATS: readonly string[] = ["csv", "jsonLines", "jsonArray", "zip"];

export type ImportsParts = { core: Core; store: FileStore; folder: string; log: Log };

type Options = { format: ImportFormat; mode: ImportMode; tableName: string | null; component: string };
type Upload = { file: string; options: Options };
type State = Record<string, JSONValue> & { state: string };

/**
 * Imports of `convex import`.
 *
 *   upload ──finish──► uploaded ──read──► waiting_for_confirmation ──perform──► in_progress ──► completed
 *                          └────────────────────┴──── failed ◄───────────────────────┘   (nothing has changed)
 *
 * What is under way when the server stops has failed.
 */
export class Imports {
  /** Those that wait to be performed, by the id of their row. */
  private readonly uploads = new Map<string, Upload>();
  private work: Promise<void> = Promise.resolve();

  constructor(private readonly parts: ImportsParts) {}

  /** Ends what the last process left under way. */
  async start(): Promise<void> {
    await rm(this.parts.folder, { recursive: true, force: true });
    await this.parts.core.engine.transact(({ system }) => {
      for (const row of rowsOf(system)) {
        const { state } = row["state"] as State;
        if (state === "completed" || state === "failed") continue;
        system.patch("", row["_id"] as string, {
          state: { state: "failed", error_message: "The server was stopped before the import had ended" },
        });
      }
    });
  }

  /** `POST /api/import/start_upload`. */
  async startUpload(): Promise<JSONValue> {
    const uploadToken = randomUUID();
    await mkdir(this.folderOf(uploadToken), { recursive: true, mode: 0o700 });
    return { uploadToken };
  }

  /** `POST /api/import/upload_part`. Parts are numbered from 1. */
  async uploadPart(request: IncomingMessage, parameters: URLSearchParams): Promise<JSONValue> {
    const folder = this.folderOf(parameters.get("uploadToken") ?? "");
    const number = Number(parameters.get("partNumber"));
    if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS) {
      throw new HttpError(400, "BadPartNumber", `\`partNumber\` must be a number from 1 to ${MAX_PARTS}`);
    }
    await mustExist(folder);
    const file = path.join(folder, `part-${number}`);
    await pipeline(limitBody(request, MAX_PART_BYTES), createWriteStream(file, { mode: 0o600 }));
    return `part-${number}`;
  }

  /** `POST /api/import/finish_upload`: what was uploaded is read and checked, and then waits to be confirmed. */
  async finishUpload(body: Readonly<Record<string, JSONValue>>): Promise<JSONValue> {
    const { uploadToken, partTokens } = body;
    const folder = this.folderOf(typeof uploadToken === "string" ? uploadToken : "");
    await mustExist(folder);
    const options = parseOptions((body["import"] ?? {}) as Readonly<Record<string, JSONValue>>);
    const file = path.join(folder, "upload");
    const parts = Array.isArray(partTokens) ? partTokens : [];
    for (const part of parts) {
      if (typeof part !== "string" || !/^part-\d+$/.test(part)) {
        throw new HttpError(400, "BadPartToken", "`partTokens` must be what the uploads were answered");
      }
      const source = path.join(folder, part);
      await pipeline(createReadStream(source), createWriteStream(file, { flags: "a", mode: 0o600 }));
      await rm(source);
    }
    const { engine } = this.parts.core;
    const importId = await engine.transact(({ system }) => {
      for (const row of rowsOf(system).slice(0, -MAX_ROWS)) system.delete("", row["_id"] as string);
      const { tableName, component, ...rest } = options;
      return system.insert("", TABLE, {
        ...rest,
        component_path: component,
        ...(tableName !== null && { table_name: tableName }),
        state: { state: "uploaded" },
      });
    });
    this.uploads.set(importId, { file, options });
    this.enqueue(importId, (upload) => this.check(upload));
    return { importId };
  }

  /** `POST /api/perform_import`. */
  async perform(body: Readonly<Record<string, JSONValue>>): Promise<JSONValue> {
    const { importId } = body;
    if (typeof importId !== "string" || !this.uploads.has(importId)) {
      throw new HttpError(400, "ImportNotFound", "There is no such import that waits to be performed");
    }
    await this.setState(importId, {
      state: "in_progress",
      progress_message: "Importing",
      checkpoint_messages: [],
    });
    this.enqueue(importId, async (upload) => {
      const written = await this.apply(upload);
      this.uploads.delete(importId);
      return {
        state: "completed",
        num_rows_written: written,
        timestamp: Number(this.parts.core.database.ts),
      };
    });
    return null;
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    await this.work;
  }

  private async check({ file, options }: Upload): Promise<State> {
    const content = await readImport(file, options);
    try {
      const { engine, executor } = this.parts.core;
      const plan = { ...content, mode: options.mode, components: [...executor.deployment.components.keys()] };
      const changes = await engine.transact((transaction) => changesOf(transaction, plan));
      return {
        state: "waiting_for_confirmation",
        message_to_confirm: describe(changes),
        require_manual_confirmation: changes.some(({ deleted }) => deleted > 0),
      };
    } finally {
      content.close();
    }
  }

  private async apply({ file, options }: Upload): Promise<number> {
    const { core, store } = this.parts;
    const content = await readImport(file, options);
    try {
      const components = [...core.executor.deployment.components.keys()];
      return await applyImport(core.engine, store, { ...content, mode: options.mode, components });
    } finally {
      content.close();
      await rm(path.dirname(file), { recursive: true, force: true });
    }
  }

  /** Imports are read and performed one after the other. `step` returns the next state of its import. */
  private enqueue(importId: string, step: (upload: Upload) => Promise<State>): void {
    this.work = this.work.then(async () => {
      const upload = this.uploads.get(importId);
      if (upload === undefined) return;
      let state: State;
      try {
        state = await step(upload);
      } catch (error) {
        if (!(error instanceof UserError)) this.parts.log.error("ADMIN", "An import failed", error);
        state = { state: "failed", error_message: messageOf(error) };
        this.uploads.delete(importId);
        await rm(path.dirname(upload.file), { recursive: true, force: true });
      }
      if (this.parts.core.engine.refusal === null) await this.setState(importId, state);
    });
  }

  private setState(importId: string, state: State): Promise<void> {
    return this.parts.core.engine.transact(({ system }) => system.patch("", importId, { state }));
  }

  private folderOf(token: string): string {
    if (!/^[0-9a-f-]{36}$/.test(token))
      throw new HttpError(400, "BadUploadToken", "The upload token is unknown");
    return path.join(this.parts.folder, token);
  }
}

function parseOptions(options: Readonly<Record<string, JSONValue>>): Options {
  const { format, mode, tableName, componentPath } = options;
  if (typeof format !== "string" || !FORMATS.includes(format)) {
    throw new HttpError(400, "BadFormat", `\`format\` must be one of ${FORMATS.join(", ")}`);
  }
  if (typeof mode !== "string" || !MODES.includes(mode)) {
    throw new HttpError(400, "BadMode", `\`mode\` must be one of ${MODES.join(", ")}`);
  }
  return {
    format: format as ImportFormat,
    mode: mode as ImportMode,
    tableName: typeof tableName === "string" ? tableName : null,
    component: typeof componentPath === "string" ? componentPath : "",
  };
}

function describe(changes: readonly TableChange[]): string {
  const lines = changes.map(({ component, name, created, deleted }) => {
    const table = component === "" ? name : `${component}: ${name}`;
    return `${table}: create ${created}${deleted === 0 ? "" : `, delete ${deleted}`}`;
  });
  return ["Import change summary:", ...lines].join("\n");
}

async function mustExist(folder: string): Promise<void> {
  try {
    await stat(folder);
  } catch {
    throw new HttpError(400, "BadUploadToken", "The upload token is unknown");
  }
}

const rowsOf = (system: SystemAccess): Record<string, JSONValue>[] =>
  system.query("", TABLE, "by_creation_time", []);

const messageOf = (error: unknown): string =>
  error instanceof UserError ? error.message : "The import could not be made; the server's log says why";
