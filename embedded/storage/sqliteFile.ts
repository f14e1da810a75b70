/**
 * Opens the data file, or says in one sentence why not. A file that is damaged, not ours or of a newer version is
 * left exactly as it is.
 *
 * Two processes must not write one file. A second, empty file beside it is locked through SQLite for as long as
 * the process lives: the system lets go of the lock also after `kill -9`, and the data file itself stays readable
 * for the `sqlite3` shell.
 */
import { accessSync, closeSync, constants, fstatSync, mkdirSync, openSync, readSync } from "node:fs";
import { dirname } from "node:path";
import Database from "libsql";
import { StorageError } from "./types.ts";
import { WriteAheadLog, type Pool } from "./writeAheadLog.ts";

/** "CVXE", at its place in the header of every file of ours. */
const APPLICATION_ID = 0x43565845;
/**
 * The newest data format that this version reads; raised when an older version could no longer read the file. 2: has a
 * vector index (`vectorStorage.ts`).
 */
export const FORMAT_VERSION = 2;
/** The format of a new file. What needs a newer one raises it when it is first used. */
const INITIAL_FORMAT_VERSION = 1;

/** Larger files are not read whole at each start: a page that is damaged fails when it is read. */
const MAX_CHECKED_BYTES = 64 * 1024 * 1024;
const HEADER_LENGTH = 100;
const USER_VERSION_OFFSET = 60;
const APPLICATION_ID_OFFSET = 68;
/** KiB of pages that are kept in memory; SQLite's own default is 2 MiB. */
const CACHE_KIB = 64 * 1024;
/** Milliseconds to wait for somebody who looks into the file with a shell. */
const BUSY_TIMEOUT_MS = 5000;

const SCHEMA = `
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE tables (
    id INTEGER PRIMARY KEY, component TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL,
    documents INTEGER NOT NULL, validator TEXT, UNIQUE (component, name));
  CREATE TABLE indexes (
    id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL, name TEXT NOT NULL, staged INTEGER NOT NULL,
    definition TEXT NOT NULL);
  CREATE TABLE documents (
    table_id INTEGER NOT NULL, id TEXT NOT NULL, size INTEGER NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (table_id, id)) WITHOUT ROWID;
  CREATE TABLE entries (
    index_id INTEGER NOT NULL, key BLOB NOT NULL, id TEXT NOT NULL, PRIMARY KEY (index_id, key)) WITHOUT ROWID;
`;

export type OpenFile = { database: Database.Database; log: WriteAheadLog | null; release: () => void };

export function openSqliteFile(file: string, maxCheckedBytes = MAX_CHECKED_BYTES, pool?: Pool): OpenFile {
  prepareFolder(file);
  checkHeader(file);
  const release = lock(file);
  try {
    return { ...openDatabase(file, maxCheckedBytes, pool), release };
  } catch (error) {
    release();
    throw error;
  }
}

function prepareFolder(file: string): void {
  const folder = dirname(file);
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    // Only its owner may read what people wrote; SQLite gives its companion files the same mode.
    closeSync(openSync(file, "a", 0o600));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new StorageError(
      "notWritable",
      `The data folder ${folder} cannot be written (${code}): change its permissions or choose another folder.`,
      { cause: error },
    );
  }
}

/** Looks at the header without SQLite, which would already write to some files when it opens them. */
function checkHeader(file: string): void {
  const header = Buffer.alloc(HEADER_LENGTH);
  const descriptor = openSync(file, "r");
  try {
    if (fstatSync(descriptor).size === 0) return;
    readSync(descriptor, header, 0, HEADER_LENGTH, 0);
  } finally {
    closeSync(descriptor);
  }
  if (
    header.toString("latin1", 0, 16) !== "SQLite format 3\0" ||
    header.readUInt32BE(APPLICATION_ID_OFFSET) !== APPLICATION_ID
  ) {
    throw new StorageError(
      "notOurs",
      `${file} is not a data file of this backend, or its beginning is damaged: it was left as it is. ` +
        `Move it away, or choose another data folder.`,
    );
  }
  const version = header.readUInt32BE(USER_VERSION_OFFSET);
  if (version > FORMAT_VERSION) {
    throw new StorageError(
      "newerFormat",
      `${file} was written by a newer version (data format ${version}; this version reads up to ` +
        `${FORMAT_VERSION}): it was left as it is. Update the program, or choose another data folder.`,
    );
  }
}

function lock(file: string): () => void {
  const database = new Database(`${file}.lock`);
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw new StorageError(
      "inUse",
      `${file} is in use by another process: stop that one first, or choose another data folder.`,
      { cause: error },
    );
  }
  return () => {
    database.close();
  };
}

function openDatabase(
  file: string,
  maxCheckedBytes: number,
  pool: Pool | undefined,
): Pick<OpenFile, "database" | "log"> {
  const database = new Database(file);
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    if (pragma(database, "page_count") === 0) create(database);
    else check(database, file, maxCheckedBytes);
    database.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
    if (pragma(database, "journal_mode = WAL") !== "wal") {
      // File systems without shared memory have no such log: each COMMIT waits for the disk.
      database.exec("PRAGMA synchronous = FULL");
      return { database, log: null };
    }
    database.exec("PRAGMA synchronous = NORMAL");
    // The first read in this mode makes the log's file.
    pragma(database, "user_version");
    return { database, log: new WriteAheadLog(file, pool) };
  } catch (error) {
    database.close();
    throw error instanceof StorageError ? error : damaged(file, error);
  }
}

/** The marks are in the file from its first commit on: there is no moment at which it looks like somebody else's. */
function create(database: Database.Database): void {
  database.exec(
    `BEGIN; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${INITIAL_FORMAT_VERSION}; ${SCHEMA} COMMIT;`,
  );
}

function check(database: Database.Database, file: string, maxCheckedBytes: number): void {
  const bytes = Number(pragma(database, "page_count")) * Number(pragma(database, "page_size"));
  if (bytes > maxCheckedBytes) {
    // At least the outline is read.
    database.prepare("SELECT count(*) FROM tables").all();
    return;
  }
  const result = pragma(database, "quick_check(1)");
  if (result !== "ok") throw damaged(file, new Error(String(result)));
}

function pragma(database: Database.Database, name: string): unknown {
  const [row] = database.prepare(`PRAGMA ${name}`).raw(true).all() as unknown[][];
  return row?.[0];
}

function damaged(file: string, cause: unknown): StorageError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const reason = message.replace(/\s+/g, " ");
  return new StorageError(
    "damaged",
    `${file} is damaged (${reason}): it was left as it is. Restore it from a backup, or choose another data folder.`,
    { cause },
  );
}
