/** Puts what was read from a file into the database: all of it or nothing. */
import type { JSONValue } from "convex/values";
import type { ComponentPath, Transaction } from "../../database/types.ts";
import type { Engine } from "../../engine/types.ts";
import type { FileStore } from "../../files/fileStore.ts";
import type { WrittenFile } from "../../files/fileStore.ts";
import { deleteFile, linkFile } from "../../files/syscalls.ts";
import { UserError } from "../../functions/types.ts";
import { tableNumberOf } from "../../values/ids.ts";
import { isSystemName } from "../../values/names.ts";
import type { ImportContent, ImportedFile, ImportedTable } from "./readImport.ts";

export type ImportMode = "requireEmpty" | "append" | "replace" | "replaceAll";

/** Documents handled before sockets get their turn. */
const SLICE = 500;
/** Bytes of one stored file, as for uploads. */
const MAX_FILE_BYTES = 1024 * 1024 * 1024;
/** Documents removed in one read of a table. */
const CLEAR_BATCH = 500;

type StoredFile = ImportedFile & { written: WrittenFile };
type Plan = ImportContent & { mode: ImportMode; components: readonly ComponentPath[] };

/** What an import would do to each table, for its sender to confirm. */
export type TableChange = { component: ComponentPath; name: string; created: number; deleted: number };

/** Throws a `UserError` if the mode does not allow it. */
export function changesOf(transaction: Transaction, plan: Plan): TableChange[] {
  const changes = new Map<string, TableChange>();
  const changeOf = (component: ComponentPath, name: string): TableChange => {
    const key = `${component}\n${name}`;
    const change = changes.get(key) ?? { component, name, created: 0, deleted: 0 };
    changes.set(key, change);
    return change;
  };
  for (const { component, name, documents } of plan.tables)
    changeOf(component, name).created += documents.length;
  for (const { component } of plan.files) changeOf(component, "_storage").created += 1;
  for (const { component, name } of tablesToClear(transaction, plan)) {
    changeOf(component, name).deleted = documentsOf(transaction, component, name);
  }
  if (plan.mode === "requireEmpty") {
    for (const { component, name } of plan.tables) {
      if (documentsOf(transaction, component, name) === 0) continue;
      throw new UserError(
        `Table ${name} already exists and is not empty. Please choose a new table name or use replace/append modes.`,
        "TableExists",
      );
    }
  }
  return [...changes.values()];
}

/**
 * Writes everything in one transaction, for which everybody else waits. If anything is wrong, nothing has changed. Returns the number of
 * documents and files written. Throws a `UserError` that says what is wrong.
 */
export async function applyImport(engine: Engine, store: FileStore, plan: Plan): Promise<number> {
  const files = await storeFiles(store, plan.files);
  try {
    const written = await engine.hold((transaction) => write(transaction, plan, files));
    // Numbers of tables may have changed, which no query has on record as read.
    engine.invalidateAll();
    return written;
  } catch (error) {
    for (const { written } of files) await store.delete(written.uuid);
    throw error;
  }
}

async function storeFiles(store: FileStore, files: readonly ImportedFile[]): Promise<StoredFile[]> {
  const stored: StoredFile[] = [];
  try {
    for (const file of files) {
      const written = await store.write((await file.open()) as AsyncIterable<Uint8Array>, MAX_FILE_BYTES);
      stored.push({ ...file, written });
      const { sha256 } = file.metadata;
      if (typeof sha256 === "string" && sha256 !== written.sha256) {
        throw new UserError(
          `The file ${file.id} is damaged: its SHA-256 digest is not ${sha256}`,
          "Sha256Mismatch",
        );
      }
    }
    return stored;
  } catch (error) {
    for (const { written } of stored) await store.delete(written.uuid);
    throw error;
  }
}

async function write(transaction: Transaction, plan: Plan, files: readonly StoredFile[]): Promise<number> {
  const pause = createPause();
  // Looked at again: others have written since it was confirmed.
  changesOf(transaction, plan);
  checkComponents(plan);
  const undo: (() => void)[] = [];
  let written = 0;
  try {
    // While their documents still have the numbers of before.
    for (const { component, name } of tablesToClear(transaction, plan))
      await clear(transaction, component, name, pause);
    for (const [component, numbers] of numbersOf(transaction, plan)) {
      undo.push(transaction.snapshot.renumber(component, numbers));
    }
    for (const { component, name, documents } of plan.tables) {
      for (const document of documents) {
        transaction.snapshot.put(component, name, document);
        written += 1;
        await pause();
      }
    }
    for (const file of files) {
      putFile(transaction, file);
      written += 1;
      await pause();
    }
    return written;
  } catch (error) {
    for (const takeBack of undo) takeBack();
    throw error;
  }
}

function checkComponents({ tables, components }: Plan): void {
  const unknown = tables.find(({ component }) => !components.includes(component));
  if (unknown === undefined) return;
  throw new UserError(
    `There is no component "${unknown.component}" here. Push the app that has it, then import again`,
    "ComponentNotFound",
  );
}

function tablesToClear(
  { snapshot }: Transaction,
  { mode, tables, components }: Plan,
): { component: string; name: string }[] {
  switch (mode) {
    case "requireEmpty":
    case "append":
      return [];
    case "replace":
      return tables;
    case "replaceAll":
      return components.flatMap((component) =>
        snapshot
          .tables(component)
          .filter(({ name }) => !isSystemName(name) || name === "_storage")
          .map(({ name }) => ({ component, name })),
      );
    default:
      return mode satisfies never;
  }
}

async function clear(
  transaction: Transaction,
  component: ComponentPath,
  name: string,
  pause: () => Promise<void>,
): Promise<void> {
  let after: string | null = null;
  for (;;) {
    const rows: { id: string }[] = transaction.snapshot.read(component, name, after, CLEAR_BATCH);
    for (const { id } of rows) {
      if (name === "_storage") deleteFile(transaction, component, id);
      else transaction.snapshot.remove(component, name, id);
      await pause();
    }
    after = rows.at(-1)?.id ?? null;
    if (rows.length < CLEAR_BATCH) return;
  }
}

/** For each component, the numbers of tables that are not what the imported ids say. */
function numbersOf(transaction: Transaction, plan: Plan): Map<ComponentPath, Map<string, number>> {
  const numbers = new Map<ComponentPath, Map<string, number>>();
  for (const table of plan.tables) {
    const { component, name } = table;
    const number = wantedNumber(table, plan.files);
    const current = transaction.snapshot.tables(component).find((known) => known.name === name);
    if (number === null || current?.number === number) continue;
    if (plan.mode === "append" && current !== undefined && current.documents > 0) {
      throw new UserError(
        `The ids of the imported documents are not of the table "${name}" that is there. Import without --append`,
        "TableNumberConflict",
      );
    }
    const own = numbers.get(component) ?? new Map<string, number>();
    numbers.set(component, own.set(name, number));
  }
  return numbers;
}

function wantedNumber(
  { component, name, number, documents }: ImportedTable,
  files: readonly ImportedFile[],
): number | null {
  const first =
    name === "_storage"
      ? files.find((file) => file.component === component)?.id
      : documents.find(({ _id }) => typeof _id === "string")?.["_id"];
  return typeof first === "string" ? (tableNumberOf(first) ?? number) : number;
}

function putFile(transaction: Transaction, { component, id, metadata, written }: StoredFile): void {
  const { _creationTime, contentType } = metadata as Record<string, JSONValue | undefined>;
  transaction.snapshot.put(component, "_storage", {
    _id: id,
    ...(typeof _creationTime === "number" && { _creationTime }),
    sha256: written.sha256,
    size: written.size,
    contentType: typeof contentType === "string" ? contentType : null,
  });
  linkFile(transaction, component, { storageId: id, uuid: written.uuid });
}

function documentsOf({ snapshot }: Transaction, component: ComponentPath, name: string): number {
  return snapshot.tables(component).find((table) => table.name === name)?.documents ?? 0;
}

/** Gives the event loop a turn now and then. */
function createPause(): () => Promise<void> {
  let count = 0;
  return async () => {
    count += 1;
    if (count % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
  };
}
