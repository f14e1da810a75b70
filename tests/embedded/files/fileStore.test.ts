import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EngineClosedError } from "../../../embedded/engine/types.ts";
import { createMemoryFileStore, openFileStore, type FileStore } from "../../../embedded/files/fileStore.ts";
import { storeFile } from "../../../embedded/files/storeFile.ts";
import { UserError } from "../../../embedded/functions/types.ts";

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function temporaryDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), "file-store-"));
  directories.push(directory);
  return path.join(directory, "files");
}

async function read(store: FileStore, uuid: string, range?: { start: number; end: number }): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(uuid, range)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function* failAfter(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
  throw new Error("the sender has gone");
}

describe.each([
  ["on disk", () => openFileStore(temporaryDirectory())],
  ["in memory", () => Promise.resolve(createMemoryFileStore())],
])("[E12.3] a file store %s", (_name, open) => {
  test("gives back what was written, and says what it was", async () => {
    const store = await open();
    const written = await store.write([Buffer.from("some "), Buffer.from("bytes")], 100);
    expect(written).toEqual({
      uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      size: 10,
      sha256: createHash("sha256").update("some bytes").digest("base64"),
    });
    expect(await read(store, written.uuid)).toBe("some bytes");
    expect(await read(store, written.uuid, { start: 2, end: 6 })).toBe("me by");
    expect(await store.list()).toEqual([written.uuid]);
  });

  test("an empty file", async () => {
    const store = await open();
    const { uuid, size } = await store.write([], 0);
    expect(size).toBe(0);
    expect(await read(store, uuid)).toBe("");
  });

  test("keeps nothing of what was too large or broke off", async () => {
    const store = await open();
    await expect(store.write([Buffer.alloc(6), Buffer.alloc(5)], 10)).rejects.toThrow("larger than 10 bytes");
    await expect(store.write(failAfter("half"), 100)).rejects.toThrow("the sender has gone");
    expect(await store.list()).toEqual([]);
  });

  test("deletes, also what is gone", async () => {
    const store = await open();
    const { uuid } = await store.write([Buffer.from("x")], 10);
    await store.delete(uuid);
    await store.delete(uuid);
    expect(await store.list()).toEqual([]);
    await expect(read(store, uuid)).rejects.toThrow();
  });
});

describe("[E12.3] a file store on disk", () => {
  test("only its owner can read it", async () => {
    const directory = temporaryDirectory();
    const store = await openFileStore(directory);
    const { uuid } = await store.write([Buffer.from("secret")], 10);
    expect(statSync(directory).mode & 0o077).toBe(0);
    expect(statSync(path.join(directory, uuid)).mode & 0o077).toBe(0);
  });

  test("[E12.7] what a crash left unfinished is gone after the next start; finished files stay", async () => {
    const directory = temporaryDirectory();
    const { uuid } = await (await openFileStore(directory)).write([Buffer.from("whole")], 10);
    writeFileSync(path.join(directory, "unfinished-0b5c3a5e-6ae8-4d4c-8b3f-0a2f7a3f4c55"), "half");
    const store = await openFileStore(directory);
    expect(readdirSync(directory)).toEqual([uuid]);
    expect(await read(store, uuid)).toBe("whole");
  });

  test("a name that leaves the folder is no name", async () => {
    const store = await openFileStore(temporaryDirectory());
    expect(() => store.read("../../etc/passwd")).toThrow("Not the name of a stored file");
  });
});

describe("[E12.3] bytes whose document was not made", () => {
  const fail = (error: Error): Promise<string> =>
    storeFile(
      store,
      () => Promise.reject(error),
      { body: [Buffer.from("bytes")], contentType: null, sha256: null },
      () => "",
    );
  let store: FileStore;
  beforeEach(() => {
    store = createMemoryFileStore();
  });

  test("are removed", async () => {
    await expect(fail(new UserError("used before"))).rejects.toThrow("used before");
    expect(await store.list()).toEqual([]);
  });

  test("are kept while nobody knows: the storage failed, and after a restart the document may be there", async () => {
    await expect(fail(new EngineClosedError("disk full"))).rejects.toThrow("disk full");
    expect(await store.list()).toHaveLength(1);
  });
});
