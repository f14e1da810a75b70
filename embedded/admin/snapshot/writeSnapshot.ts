/**
 * Writes an export: the ZIP file that `convex export` downloads from a Convex (`crates/exports` of convex-backend).
 *
 *   README.md
 *   [_components/<name>/…]_tables/documents.jsonl          { name, id }, the number of each table
 *                         <table>/documents.jsonl           one document a line
 *                         <table>/generated_schema.jsonl    "uniform": how the lines are encoded
 *                         _storage/documents.jsonl, _storage/<id>
 */
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { JSONValue } from "convex/values";
import { ZipFile } from "yazl";
import type { ComponentPath, Transaction } from "../../database/types.ts";
import type { Engine } from "../../engine/types.ts";
import type { FileStore } from "../../files/fileStore.ts";
import { findFile } from "../../files/syscalls.ts";
import { isSystemName } from "../../values/names.ts";
import { SnapshotReader } from "./snapshotReader.ts";
import { encodeUniform } from "./uniform.ts";

const README =
  "This is a snapshot export of the data of a Convex deployment. `npx convex import` takes it.\n" +
  "See https://docs.convex.dev/database/import-export/export.\n";

export type SnapshotSource = { engine: Engine; store: FileStore; components: readonly ComponentPath[] };

type StoredFile = { id: string; line: string; uuid: string; size: number };

/**
 * Writes the database as it is now to a new `file`, readable by its owner only. Returns the timestamp of its moment. Deletions of stored
 * files must be held meanwhile.
 */
export async function writeSnapshot(
  { engine, store, components }: SnapshotSource,
  { file, includeStorage, signal }: { file: string; includeStorage: boolean; signal: AbortSignal },
): Promise<bigint> {
  const reader = await SnapshotReader.open(engine, components);
  try {
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from(README), "README.md");
    for (const component of components) addTables(zip, component, reader);
    if (includeStorage) {
      for (const component of components) {
        await addFiles(zip, component, await listFiles(engine, reader, component), store);
      }
    }
    zip.end();
    const output = createWriteStream(file, { mode: 0o600, flags: "wx" });
    // What fails while it is read ends the archive.
    zip.once("error", (error: Error) => output.destroy(error));
    await pipeline(zip.outputStream, output, { signal });
    return reader.ts;
  } finally {
    reader.close();
  }
}

function addTables(zip: ZipFile, component: ComponentPath, reader: SnapshotReader): void {
  const prefix = prefixOf(component);
  const tables = (reader.tables.get(component) ?? []).filter(({ name }) => !isSystemName(name));
  const numbers = [...tables].sort((a, b) => a.number - b.number);
  const lines = numbers.map(({ name, number }) => `${JSON.stringify({ name, id: number })}\n`);
  zip.addBuffer(Buffer.from(lines.join("")), `${prefix}_tables/documents.jsonl`);
  for (const { name } of tables) {
    addLazily(zip, `${prefix}${name}/documents.jsonl`, () =>
      Readable.from(
        (async function* () {
          for await (const text of reader.documents(component, name)) {
            yield `${encodeUniform(JSON.parse(text) as JSONValue)}\n`;
          }
        })(),
        { objectMode: false },
      ),
    );
    zip.addBuffer(Buffer.from('"uniform"\n'), `${prefix}${name}/generated_schema.jsonl`);
  }
}

async function addFiles(
  zip: ZipFile,
  component: ComponentPath,
  files: readonly StoredFile[],
  store: FileStore,
): Promise<void> {
  const prefix = `${prefixOf(component)}_storage/`;
  zip.addBuffer(Buffer.from(files.map(({ line }) => line).join("")), `${prefix}documents.jsonl`);
  for (const { id, uuid, size } of files) {
    addLazily(zip, `${prefix}${id}`, () => Readable.from(store.read(uuid), { objectMode: false }), size);
  }
  await Promise.resolve();
}

/** Its stream is opened when it is its turn: one at a time. */
function addLazily(zip: ZipFile, name: string, open: () => Readable, size?: number): void {
  zip.addReadStreamLazy(name, size === undefined ? {} : { size }, (done) => {
    const stream = open();
    stream.once("error", (error) => zip.emit("error", error));
    done(null, stream);
  });
}

/** What is said of each file, and under which name its bytes are. Files that were deleted since are left out. */
async function listFiles(
  engine: Engine,
  reader: SnapshotReader,
  component: ComponentPath,
): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  if (!(reader.tables.get(component) ?? []).some(({ name }) => name === "_storage")) return files;
  for await (const text of reader.documents(component, "_storage")) {
    const { _id: id, ...document } = JSON.parse(text) as Record<string, JSONValue> & { _id: string };
    const file = await engine.transact((tx: Transaction) => findFile(tx, component, id));
    if (file === null) continue;
    const { sha256, size, contentType, uuid } = file;
    const fields = {
      _id: id,
      _creationTime: document["_creationTime"],
      sha256,
      size,
      contentType,
      internalId: uuid,
    };
    files.push({ id, uuid, size, line: `${JSON.stringify(fields)}\n` });
  }
  return files;
}

function prefixOf(component: ComponentPath): string {
  return component === ""
    ? ""
    : component
        .split("/")
        .map((name) => `_components/${name}/`)
        .join("");
}
