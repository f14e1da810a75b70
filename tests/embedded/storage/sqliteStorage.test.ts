import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import Database from "libsql";
import { FORMAT_VERSION } from "../../../embedded/storage/sqliteFile.ts";
import { openSqliteStorage } from "../../../embedded/storage/sqliteStorage.ts";
import { StorageError, type IndexRow, type Storage } from "../../../embedded/storage/types.ts";
import { ALL_KEYS } from "../../../embedded/values/indexKey.ts";
import { storageContract } from "./contract.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

const contractFolder = mkdtempSync(join(tmpdir(), "embedded-contract-"));
let contractFiles = 0;
afterAll(() => {
  rmSync(contractFolder, { recursive: true, force: true });
});

describe("contract", () => {
  storageContract(() => openSqliteStorage(join(contractFolder, `${contractFiles++}.sqlite`)));
});

const TABLE = { id: 1, component: "", name: "notes", number: 10_001, documents: 0, validator: null };

/** Writes one flushed and one unflushed document, says so, and waits to be killed. */
const WRITER = `
  import { openSqliteStorage } from ${JSON.stringify(join(import.meta.dirname, "../../../embedded/storage/sqliteStorage.ts"))};
  const storage = openSqliteStorage(process.argv[2]);
  storage.putTable(${JSON.stringify(TABLE)});
  storage.putDocument(1, "flushed", { text: "{}", size: 2 });
  storage.flush();
  storage.putDocument(1, "unflushed", { text: "{}", size: 2 });
  process.stdout.write("ready");
  setInterval(() => {}, 1000);
`;

function reasonOf(open: () => Storage): StorageError {
  try {
    open().close();
  } catch (error) {
    if (error instanceof StorageError) return error;
    throw error;
  }
  throw new Error("It was opened");
}

describe("durability", () => {
  test("[E5.1] [E5.5] killed between two flushes: the first is there, the second is not; the lock ended with the process", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "data.sqlite");
    const script = join(folder, "writer.ts");
    writeFileSync(script, WRITER);
    const writer = spawn(process.execPath, ["--import", "tsx", script, file], {
      cwd: join(import.meta.dirname, "../../.."),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = new Promise((resolve) => writer.once("exit", resolve));
    await new Promise((resolve) => writer.stdout.once("data", resolve));

    const whileRunning = reasonOf(() => openSqliteStorage(file));
    expect(whileRunning.reason).toBe("inUse");
    expect(whileRunning.message).toContain(`${file} is in use by another process`);

    writer.kill("SIGKILL");
    await exited;
    const storage = openSqliteStorage(file);
    expect(storage.document(1, "flushed")).toEqual({ text: "{}", size: 2 });
    expect(storage.document(1, "unflushed")).toBe(null);
    storage.close();
  });

  test("[E5.5] nor can one process open a file twice", () => {
    const file = join(temporaryFolder(), "data.sqlite");
    const storage = openSqliteStorage(file);
    expect(reasonOf(() => openSqliteStorage(file)).reason).toBe("inUse");
    storage.close();
    openSqliteStorage(file).close();
  });

  test("[E5.1] closed without a flush: the last one is there", () => {
    const file = join(temporaryFolder(), "data.sqlite");
    const storage = openSqliteStorage(file);
    storage.putDocument(1, "a", { text: "{}", size: 2 });
    storage.flush();
    storage.putDocument(1, "b", { text: "{}", size: 2 });
    storage.close();
    storage.close();
    const again = openSqliteStorage(file);
    expect([again.document(1, "a"), again.document(1, "b")]).toEqual([{ text: "{}", size: 2 }, null]);
    again.close();
  });

  test("[E5.2] [E5.7] WAL; the `sqlite3` shell reads it while it is open, as JSON", () => {
    const file = join(temporaryFolder(), "data.sqlite");
    const storage = openSqliteStorage(file);
    storage.putTable(TABLE);
    storage.putDocument(1, "a", { text: '{"text":"hello"}', size: 9 });
    const shell = new Database(file);
    const read = (): unknown => shell.prepare("SELECT json ->> 'text' FROM documents").raw(true).all();
    expect(read()).toEqual([]);
    storage.flush();
    expect(read()).toEqual([["hello"]]);
    expect(shell.prepare("PRAGMA journal_mode").raw(true).all()).toEqual([["wal"]]);
    shell.close();
    for (const name of [file, `${file}-wal`]) expect(statSync(name).mode & 0o077).toBe(0);
    storage.close();
  });

  describe("[E5.13] a flush that this thread does not wait for", () => {
    type Done = (error: Error | null) => void;
    /** A file whose syncs the test answers. `hasThreads`: does the pool begin with what it is given? */
    function openOnDisk({ hasThreads = false } = {}) {
      const file = join(temporaryFolder(), "data.sqlite");
      const syncs: Done[] = [];
      const storage = openSqliteStorage(file, undefined, {
        sync: (_descriptor, done) => syncs.push(done),
        pass: (done) => {
          if (hasThreads) done();
        },
      });
      return { file, storage, syncs };
    }
    const rowsSeenFromOutside = (file: string): unknown[] => {
      const shell = new Database(file);
      const rows = shell.prepare("SELECT id FROM documents ORDER BY id").raw(true).all();
      shell.close();
      return rows.flat();
    };

    test("ends with the sync of a log that holds the commit; what is written meanwhile waits for its own", async () => {
      const { file, storage, syncs } = openOnDisk();
      expect(storage.beginFlush()).toBe(null);
      storage.putDocument(1, "a", { text: "{}", size: 2 });
      let isDurable = false;
      const durable = storage.beginFlush()?.then(() => (isDurable = true));
      expect(syncs).toHaveLength(1);
      expect(rowsSeenFromOutside(file)).toEqual(["a"]);
      storage.putDocument(1, "b", { text: "{}", size: 2 });
      const next = storage.beginFlush();
      await new Promise((resolve) => setImmediate(resolve));
      expect(isDurable).toBe(false);
      expect(syncs).toHaveLength(2);
      for (const done of syncs) done(null);
      await Promise.all([durable, next]);
      storage.close();
      expect(rowsSeenFromOutside(file)).toEqual(["a", "b"]);
    });

    test("[E5.8] that fails: nothing more is written", async () => {
      const { storage, syncs } = openOnDisk();
      storage.putDocument(1, "a", { text: "{}", size: 2 });
      const flush = storage.beginFlush();
      syncs[0]?.(new Error("EIO: i/o error, fdatasync"));
      await expect(flush).rejects.toThrow("nothing more is stored until it is opened again");
      expect(() => storage.putDocument(1, "b", { text: "{}", size: 2 })).toThrow(StorageError);
      storage.close();
    });

    test("whose thread pool is busy with other things is done here, and the file can be closed before the pool comes to it", async () => {
      const { storage, syncs } = openOnDisk();
      storage.putDocument(1, "a", { text: "{}", size: 2 });
      await storage.beginFlush();
      storage.close();
      expect(syncs).toHaveLength(1);
      syncs[0]?.(null);
    });

    test("of a slow disk is left to the pool once that has begun: this thread does not stand still", async () => {
      const slow = openOnDisk({ hasThreads: true });
      const busy = openOnDisk();
      let isDurable = false;
      for (const { storage } of [slow, busy]) storage.putDocument(1, "a", { text: "{}", size: 2 });
      const flush = slow.storage.beginFlush()?.then(() => (isDurable = true));
      // This one begins later, and this thread syncs it.
      await busy.storage.beginFlush();
      expect(isDurable).toBe(false);
      slow.syncs[0]?.(null);
      await flush;
      for (const { storage, syncs } of [slow, busy]) {
        storage.close();
        for (const done of syncs) done(null);
      }
    });
  });

  test("[E5.12] a damaged page of a file too large to be checked at its opening: who needs it is told, all else is read and written", () => {
    const file = join(temporaryFolder(), "data.sqlite");
    const ids = Array.from({ length: 200 }, (_, number) => `id${100 + number}`);
    const first = openSqliteStorage(file);
    for (const id of ids) first.putDocument(1, id, { text: JSON.stringify(id.repeat(500)), size: 1 });
    first.flush();
    first.close();
    const bytes = readFileSync(file);
    const place = bytes.indexOf("id225id225");
    bytes.fill(0xff, place - (place % 4096), place + 4096 - (place % 4096));
    writeFileSync(file, bytes);

    const storage = openSqliteStorage(file, 0);
    const failures = ids.filter((id) => {
      try {
        storage.document(1, id);
        return false;
      } catch (error) {
        expect(error).toBeInstanceOf(StorageError);
        expect((error as StorageError).message).toMatch(
          /cannot be read at a place where it is needed .*restore it from a backup/,
        );
        return true;
      }
    });
    expect(failures).toContain("id225");
    expect(failures.length).toBeLessThan(ids.length / 2);
    storage.putDocument(1, "new", { text: "{}", size: 2 });
    storage.flush();
    expect(storage.document(1, "new")).toEqual({ text: "{}", size: 2 });
    storage.close();
  });

  test("[E5.11] the write-ahead log is emptied as it goes, also while point reads and ranges are made", () => {
    const file = join(temporaryFolder(), "data.sqlite");
    const storage = openSqliteStorage(file);
    const text = JSON.stringify("x".repeat(20_000));
    for (let i = 0; i < 600; i++) {
      storage.putDocument(1, `id${i % 10}`, { text, size: 1 });
      storage.putEntry(2, `key${i % 10}`, `id${i % 10}`);
      storage.document(1, `id${(i + 1) % 10}`);
      storage.scanIndex(1, 2, ALL_KEYS, "asc", 3);
      storage.flush();
    }
    // 600 times 20 kB were written.
    expect(statSync(`${file}-wal`).size).toBeLessThan(6_000_000);
    storage.close();
  });
});

describe("files that are refused", () => {
  function refused(contents: Buffer | string): StorageError {
    const file = join(temporaryFolder(), "data.sqlite");
    writeFileSync(file, contents);
    const before = readFileSync(file);
    const error = reasonOf(() => openSqliteStorage(file));
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(error.message).toContain(file);
    expect(error.message).not.toContain("\n");
    return error;
  }

  function validFile(): Buffer {
    const file = join(temporaryFolder(), "data.sqlite");
    const storage = openSqliteStorage(file);
    for (let i = 0; i < 2000; i++)
      storage.putDocument(1, `id${i}`, { text: JSON.stringify("y".repeat(100)), size: 1 });
    storage.flush();
    storage.close();
    return readFileSync(file);
  }

  test("[E5.3] one that is no database", () => {
    expect(refused("hello, world".repeat(100)).reason).toBe("notOurs");
    expect(refused("short").reason).toBe("notOurs");
  });

  test("[E5.3] a database of somebody else's", () => {
    const file = join(temporaryFolder(), "other.sqlite");
    const other = new Database(file);
    other.exec("CREATE TABLE t (a)");
    other.close();
    expect(refused(readFileSync(file)).reason).toBe("notOurs");
  });

  test("[E5.3] one with damaged pages", () => {
    const contents = validFile();
    contents.fill(0xab, 4096 * 3, 4096 * 6);
    expect(refused(contents).reason).toBe("damaged");
  });

  test("[E5.3] one that was cut off", () => {
    const contents = validFile();
    expect(refused(contents.subarray(0, 4096 * 5 + 100)).reason).toBe("damaged");
  });

  test("[E5.4] older versions can open a file until it has a vector index", () => {
    const file = join(temporaryFolder(), "data.sqlite");
    const formatOf = (change: (storage: Storage) => void): number => {
      const storage = openSqliteStorage(file);
      change(storage);
      storage.flush();
      storage.close();
      return readFileSync(file).readUInt32BE(60);
    };
    expect(formatOf(() => {})).toBe(1);
    const definition: IndexRow["definition"] = {
      kind: "vector",
      vectorField: "v",
      dimensions: 3,
      filterFields: [],
    };
    const index: IndexRow = { id: 1, table: 1, name: "v", staged: false, definition };
    expect(formatOf((storage) => storage.putIndex(index))).toBe(2);
    expect(formatOf((storage) => storage.dropIndex(index))).toBe(2);
  });

  test("[E5.4] one of a newer format", () => {
    const contents = validFile();
    contents.writeUInt32BE(FORMAT_VERSION + 1, 60);
    const error = refused(contents);
    expect(error.reason).toBe("newerFormat");
    expect(error.message).toContain("newer version");
  });

  test("[E5.6] a folder that cannot be written", () => {
    const folder = temporaryFolder();
    const notAFolder = join(folder, "file");
    writeFileSync(notAFolder, "");
    const error = reasonOf(() => openSqliteStorage(join(notAFolder, "data.sqlite")));
    expect(error.reason).toBe("notWritable");
    expect(error.message).toContain(`The data folder ${notAFolder} cannot be written`);
  });
});

describe("[E5.8] a write that fails", () => {
  test("stops all further writes; after a restart the last flush is there", () => {
    const file = join(temporaryFolder(), "data.sqlite");
    const storage = openSqliteStorage(file);
    storage.putDocument(1, "a", { text: "{}", size: 2 });
    storage.flush();
    // Another connection takes away the table, as a stand-in for a disk that fails.
    const other = new Database(file);
    other.exec("ALTER TABLE entries RENAME TO entries_gone");
    storage.putDocument(1, "b", { text: "{}", size: 2 });
    const failures = [
      () => {
        storage.putEntry(2, "k", "b");
      },
      () => {
        storage.putDocument(1, "c", { text: "{}", size: 2 });
      },
      () => {
        storage.flush();
      },
    ];
    for (const attempt of failures)
      expect(attempt).toThrow("nothing more is stored until it is opened again");
    storage.close();
    other.exec("ALTER TABLE entries_gone RENAME TO entries");
    other.close();

    const again = openSqliteStorage(file);
    expect(again.document(1, "a")).not.toBe(null);
    expect(again.document(1, "b")).toBe(null);
    again.close();
  });
});
