/** What an uploaded file holds, read whole and checked as far as that can be done without the database. */
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { JSONValue } from "convex/values";
import { openPromise } from "yauzl";
import type { Entry, ZipFile } from "yauzl";
import type { ComponentPath } from "../../database/types.ts";
import { UserError } from "../../functions/types.ts";
import { isPlainObject, type JsonObject } from "../../values/json.ts";
import { decodeUniform } from "./uniform.ts";

/** Bytes of documents of one import: it is one transaction, which is held in memory. */
export const MAX_IMPORT_BYTES = 512 * 1024 * 1024;

export type ImportFormat = "csv" | "jsonLines" | "jsonArray" | "zip";

export type ImportedTable = {
  component: ComponentPath;
  name: string;
  /** The number that `_tables` says it has, or that is in the ids of its documents, or `null`. */
  number: number | null;
  documents: JsonObject[];
};

/** A file's bytes, to be read once. */
export type ImportedFile = {
  component: ComponentPath;
  id: string;
  metadata: JsonObject;
  open: () => Promise<Readable>;
};

export type ImportContent = { tables: ImportedTable[]; files: ImportedFile[]; close: () => void };

const DOCUMENTS = /^(.*\/)?([^/]+)\/documents\.jsonl$/;
const GENERATED_SCHEMA = /^(.*\/)?([^/]+)\/generated_schema\.jsonl$/;
const STORED_FILE = /^(.*\/)?_storage\/([^/.]+)(?:\.[^/]+)?$/;
const COMPONENT = /^(.*\/)?_components\/([^/]+)\/$/;

/** Throws a `UserError` that says what is wrong with the file. */
export async function readImport(
  file: string,
  {
    format,
    tableName,
    component,
  }: { format: ImportFormat; tableName: string | null; component: ComponentPath },
): Promise<ImportContent> {
  switch (format) {
    case "zip":
      return readZip(file, component);
    case "jsonLines":
      return oneTable(component, tableName, await readLines(createReadStream(file), new Budget(), parseJson));
    case "jsonArray":
      return oneTable(component, tableName, await readArray(file));
    case "csv":
      throw new UserError(
        "The embedded backend does not import CSV. Convert the file to JSON lines (.jsonl).",
      );
    default:
      return format satisfies never;
  }
}

function oneTable(component: ComponentPath, name: string | null, documents: JsonObject[]): ImportContent {
  if (name === null) throw new UserError("The table to import into must be named");
  return { tables: [{ component, name, number: null, documents }], files: [], close: () => {} };
}

async function readArray(file: string): Promise<JsonObject[]> {
  if ((await stat(file)).size > MAX_IMPORT_BYTES) throw tooLarge();
  const array = parseJson(await readFile(file, "utf8"), 1);
  if (!Array.isArray(array)) throw new UserError("The file is not a JSON array");
  return array.map((document, place) => asDocument(document, place + 1));
}

async function readZip(file: string, base: ComponentPath): Promise<ImportContent> {
  let zip: ZipFile;
  const entries: Entry[] = [];
  try {
    zip = await openPromise(file, { lazyEntries: true, autoClose: false });
    for await (const entry of zip.eachEntry()) entries.push(entry);
  } catch (error) {
    throw new UserError(`The file is not a ZIP archive that can be read: ${String(error)}`);
  }
  try {
    return await readEntries(zip, entries, base);
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function readEntries(
  zip: ZipFile,
  entries: readonly Entry[],
  base: ComponentPath,
): Promise<ImportContent> {
  const uniform = new Set<string>();
  for (const entry of entries) {
    const [, , table] = GENERATED_SCHEMA.exec(entry.fileName) ?? [];
    if (table === undefined) continue;
    const text = await textOf(zip, entry);
    if (text.trim() !== '"uniform"') {
      throw new UserError(
        `${entry.fileName} is of an older version of Convex's exports. Export the data again`,
      );
    }
    uniform.add(entry.fileName.replace("generated_schema", "documents"));
  }
  const budget = new Budget();
  const tables = new Map<string, ImportedTable>();
  const stored = new Map<string, JsonObject>();
  const tableOf = (component: ComponentPath, name: string): ImportedTable => {
    const key = `${component}\n${name}`;
    const known = tables.get(key);
    if (known !== undefined) return known;
    const table: ImportedTable = { component, name, number: null, documents: [] };
    tables.set(key, table);
    return table;
  };
  for (const entry of entries) {
    const [, prefix = "", name] = DOCUMENTS.exec(entry.fileName) ?? [];
    if (name === undefined) continue;
    const component = componentOf(prefix, base);
    const parse = uniform.has(entry.fileName) ? parseUniform : parseJson;
    if (name.startsWith("_") && name !== "_tables" && name !== "_storage") continue;
    const documents = await readLines(await zip.openReadStreamPromise(entry), budget, parse);
    if (name === "_tables") {
      for (const { name: named, id } of documents) {
        if (typeof named === "string" && typeof id === "number") tableOf(component, named).number = id;
      }
    } else if (name === "_storage") {
      tableOf(component, "_storage");
      for (const document of documents) {
        if (typeof document["_id"] === "string") stored.set(`${component}\n${document["_id"]}`, document);
      }
    } else tableOf(component, name).documents = documents;
  }
  const files: ImportedFile[] = [];
  for (const entry of entries) {
    const [, prefix = "", id] = STORED_FILE.exec(entry.fileName) ?? [];
    if (id === undefined || id === "documents") continue;
    const component = componentOf(prefix, base);
    tableOf(component, "_storage");
    const metadata = stored.get(`${component}\n${id}`) ?? { _id: id };
    files.push({ component, id, metadata, open: () => zip.openReadStreamPromise(entry) });
  }
  return { tables: [...tables.values()], files, close: () => zip.close() };
}

/** `snapshot/_components/a/_components/b/` is the component `a/b`. */
function componentOf(prefix: string, base: ComponentPath): ComponentPath {
  const names: string[] = [];
  for (let rest = prefix, match = COMPONENT.exec(rest); match !== null; match = COMPONENT.exec(rest)) {
    names.unshift(match[2] ?? "");
    rest = match[1] ?? "";
  }
  return [...(base === "" ? [] : [base]), ...names].join("/");
}

/** Bytes that may still be read. An archive may unpack to far more than it is. */
class Budget {
  private left = MAX_IMPORT_BYTES;
  take(length: number): void {
    this.left -= length;
    if (this.left < 0) throw tooLarge();
  }
}

async function readLines(
  stream: Readable,
  budget: Budget,
  parse: (line: string, number: number) => JSONValue,
): Promise<JsonObject[]> {
  const documents: JsonObject[] = [];
  let number = 0;
  for await (const line of linesOf(stream, budget)) {
    number += 1;
    if (line.trim() !== "") documents.push(asDocument(parse(line, number), number));
  }
  return documents;
}

/** Not by `node:readline`, which also ends lines at characters that JSON strings may hold (U+2028). */
async function* linesOf(stream: Readable, budget: Budget): AsyncGenerator<string, void, void> {
  const decoder = new StringDecoder("utf8");
  let parts: string[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    budget.take(chunk.byteLength);
    const [head = "", ...tail] = decoder.write(chunk).split("\n");
    parts.push(head);
    for (const next of tail) {
      yield parts.join("");
      parts = [next];
    }
  }
  yield [...parts, decoder.end()].join("");
}

async function textOf(zip: ZipFile, entry: Entry): Promise<string> {
  if (entry.uncompressedSize > MAX_IMPORT_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(line: string, number: number): JSONValue {
  return parsed(() => JSON.parse(line) as JSONValue, number);
}

function parseUniform(line: string, number: number): JSONValue {
  return parsed(() => decodeUniform(line), number);
}

function parsed(parse: () => JSONValue, number: number): JSONValue {
  try {
    return parse();
  } catch (error) {
    throw new UserError(`Row ${number} wasn't valid JSON: ${String(error)}`, "JsonInvalidRow");
  }
}

function asDocument(value: JSONValue, number: number): JsonObject {
  if (isPlainObject(value)) return value;
  throw new UserError(`Row ${number} isn't an object`, "NotAnObject");
}

function tooLarge(): UserError {
  return new UserError(
    `The documents are more than ${MAX_IMPORT_BYTES} bytes, which the embedded backend imports at once. ` +
      "Import the tables one by one",
    "ImportTooLarge",
  );
}
