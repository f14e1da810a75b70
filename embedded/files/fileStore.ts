/**
 * The bytes of stored files. A file is written whole or not at all, never changed, and named by an unguessable UUID.
 * What the names mean is in the database (`syscalls.ts`).
 */
import { createHash, randomUUID, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { UserError } from "../functions/types.ts";

export type WrittenFile = {
  uuid: string;
  /** Base64. */
  sha256: string;
  /** Bytes. */
  size: number;
};

/** Both ends inclusive, in bytes, as in a `Range` header. */
export type ByteRange = { start: number; end: number };

export interface FileStore {
  /** Resolves when the bytes are durable. Throws a `UserError`, having kept nothing, if there are more than `maxBytes`. */
  write(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, maxBytes: number): Promise<WrittenFile>;
  /** Throws while it is read if there is no such file. */
  read(uuid: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Nothing happens if it is gone already. */
  delete(uuid: string): Promise<void>;
  list(): Promise<string[]>;
}

/** A file that is being written has this in front of its name, and is swept at the next start. */
const UNFINISHED = "unfinished-";
/** Bytes that are read at once. A download keeps three of them for a client that reads slowly. */
const CHUNK_BYTES = 32 * 1024;

const FILE_NAME = /^[0-9a-f-]{36}$/;

/** Files in `directory`, which only their owner can read. */
export async function openFileStore(directory: string): Promise<FileStore> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const name of await readdir(directory)) {
    if (name.startsWith(UNFINISHED)) await rm(path.join(directory, name), { force: true });
  }
  const fileOf = (uuid: string): string => {
    if (!FILE_NAME.test(uuid)) throw new Error(`Not the name of a stored file: ${uuid}`);
    return path.join(directory, uuid);
  };

  return {
    async write(body, maxBytes) {
      const uuid = randomUUID();
      const unfinished = path.join(directory, UNFINISHED + uuid);
      try {
        const handle = await open(unfinished, "wx", 0o600);
        const meter = createMeter(maxBytes);
        try {
          for await (const chunk of body) {
            meter.add(chunk);
            await handle.writeFile(chunk);
          }
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(unfinished, fileOf(uuid));
        await syncDirectory(directory);
        return { uuid, ...meter.total() };
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
    },
    read: (uuid, range) => createReadStream(fileOf(uuid), { ...range, highWaterMark: CHUNK_BYTES }),
    delete: (uuid) => rm(fileOf(uuid), { force: true }),
    list: async () => (await readdir(directory)).filter((name) => FILE_NAME.test(name)),
  };
}

/** For tests: gone with the process. */
export function createMemoryFileStore(): FileStore {
  const files = new Map<string, Buffer>();
  return {
    async write(body, maxBytes) {
      const meter = createMeter(maxBytes);
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) {
        meter.add(chunk);
        chunks.push(chunk);
      }
      const uuid = randomUUID();
      files.set(uuid, Buffer.concat(chunks));
      return { uuid, ...meter.total() };
    },
    async *read(uuid, range) {
      const bytes = files.get(uuid);
      if (bytes === undefined) throw new Error(`No stored file ${uuid}`);
      yield await Promise.resolve(range === undefined ? bytes : bytes.subarray(range.start, range.end + 1));
    },
    delete: (uuid) => {
      files.delete(uuid);
      return Promise.resolve();
    },
    list: () => Promise.resolve([...files.keys()]),
  };
}

/** What is said of a file of more bytes than that. */
export const tooLarge = (maxBytes: number): string =>
  `The file is larger than ${maxBytes} bytes, which is the limit`;

function createMeter(maxBytes: number): {
  add(chunk: Uint8Array): void;
  total(): { sha256: string; size: number };
} {
  const hash: Hash = createHash("sha256");
  let size = 0;
  return {
    add(chunk) {
      size += chunk.byteLength;
      if (size > maxBytes) {
        throw new UserError(tooLarge(maxBytes), "FileTooLarge");
      }
      hash.update(chunk);
    },
    total: () => ({ sha256: hash.digest("base64"), size }),
  };
}

/** Makes a rename durable. Where folders cannot be opened (Windows), the file system does it by itself. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
