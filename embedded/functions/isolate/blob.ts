/**
 * `Blob`, `File` and `FormData` (`09_file.ts` and `21_formdata.ts` in Convex's `npm-packages/udf-runtime/src`). They hold
 * bytes: there are no streams in queries and mutations here, where nothing can arrive later.
 */
import { notImplemented } from "./errors.ts";

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

export class Blob {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;

  constructor(parts: Iterable<unknown> = [], options?: { type?: string }) {
    this.#bytes = concat([...parts].map(bytesOfPart));
    const type = options?.type ?? "";
    this.type = PRINTABLE_ASCII.test(type) ? type.toLowerCase() : "";
  }
  static bytesOf(blob: Blob): Uint8Array<ArrayBuffer> {
    return blob.#bytes;
  }
  get size(): number {
    return this.#bytes.length;
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes.slice().buffer;
  }
  async text(): Promise<string> {
    return new TextDecoder().decode(this.#bytes);
  }
  slice(start?: number, end?: number, type = ""): Blob {
    return new Blob([this.#bytes.slice(start, end)], { type });
  }
  stream(): never {
    throw streamsUnsupported();
  }
  get [Symbol.toStringTag](): string {
    return "Blob";
  }
}

export class File extends Blob {
  readonly name: string;
  readonly lastModified: number;
  constructor(parts: Iterable<unknown>, name: unknown, options?: { type?: string; lastModified?: number }) {
    super(parts, options);
    this.name = String(name);
    this.lastModified = options?.lastModified ?? Date.now();
  }
  override get [Symbol.toStringTag](): string {
    return "File";
  }
}

type Entry = string | File;

export class FormData {
  #entries: [name: string, value: Entry][] = [];
  append(name: unknown, value: unknown, filename?: string): void {
    this.#entries.push([String(name), toEntry(value, filename)]);
  }
  set(name: unknown, value: unknown, filename?: string): void {
    const key = String(name);
    const entry: [string, Entry] = [key, toEntry(value, filename)];
    const place = this.#entries.findIndex(([other]) => other === key);
    const others = this.#entries.filter(([other]) => other !== key);
    this.#entries = others.toSpliced(place === -1 ? others.length : place, 0, entry);
  }
  delete(name: unknown): void {
    this.#entries = this.#entries.filter(([key]) => key !== String(name));
  }
  get(name: unknown): Entry | null {
    return this.getAll(name)[0] ?? null;
  }
  getAll(name: unknown): Entry[] {
    return this.#entries.filter(([key]) => key === String(name)).map(([, value]) => value);
  }
  has(name: unknown): boolean {
    return this.#entries.some(([key]) => key === String(name));
  }
  forEach(callback: (value: Entry, name: string, form: this) => void, self?: unknown): void {
    for (const [name, value] of this.#entries) callback.call(self, value, name, this);
  }
  *entries(): Generator<[string, Entry]> {
    yield* this.#entries;
  }
  *keys(): Generator<string> {
    for (const [name] of this.#entries) yield name;
  }
  *values(): Generator<Entry> {
    for (const [, value] of this.#entries) yield value;
  }
  [Symbol.iterator](): Generator<[string, Entry]> {
    return this.entries();
  }
  get [Symbol.toStringTag](): string {
    return "FormData";
  }
}

/** Is it what Convex makes a `Blob` of? */
export function isBlobPart(part: unknown): boolean {
  return (
    typeof part === "string" ||
    part instanceof Blob ||
    part instanceof ArrayBuffer ||
    ArrayBuffer.isView(part)
  );
}

export function streamsUnsupported(): Error {
  return new Error(
    "Streams are not supported in queries and mutations by the embedded backend. Use them in an action, or read the " +
      "whole body with text(), json() or arrayBuffer().",
  );
}

/** A copy. */
function bytesOfPart(part: unknown): Uint8Array<ArrayBuffer> {
  if (part instanceof Blob) return Blob.bytesOf(part);
  if (part instanceof ArrayBuffer) return new Uint8Array(part.slice(0));
  if (ArrayBuffer.isView(part)) {
    return new Uint8Array(part.buffer as ArrayBuffer, part.byteOffset, part.byteLength).slice();
  }
  if (typeof part === "string") return new TextEncoder().encode(part);
  throw notImplemented(
    "constructor with unsupported Blob part",
    "Blob",
    "Only ArrayBuffer, Blob and string supported",
  );
}

function toEntry(value: unknown, filename: string | undefined): Entry {
  if (!(value instanceof Blob)) return String(value);
  const name = filename ?? (value instanceof File ? value.name : "blob");
  return new File([value], name, { type: value.type });
}

function concat(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}
