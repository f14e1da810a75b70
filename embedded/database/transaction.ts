/**
 * One transaction: the functions' view of the database. It reads the newest commit through its own writes, keeps
 * what it looked at, and holds its writes until `Database.commit` takes them. Queries are looked
 * up in `resolveQuery.ts` and walked in `indexScan.ts`; the backend's own tables are reached through `systemAccess.ts`.
 */
import type { JSONValue } from "convex/values";
import { UserError } from "../functions/types.ts";
import type { StoredDocument } from "../storage/types.ts";
import { generateId, readTableNumber, tableNumberOf } from "../values/ids.ts";
import { ALL_KEYS, keySuccessor } from "../values/indexKey.ts";
import type { JsonObject } from "../values/json.ts";
import { checkTableName, isSystemName } from "../values/names.ts";
import { BY_ID, idKey, type Table } from "./catalog.ts";
import { makeDocument, mergePatch } from "./documents.ts";
import { withArgument } from "./errors.ts";
import { Usage } from "./limits.ts";
import { Overlay, type Document } from "./overlay.ts";
import { checkPageRequest, decodeCursor, fingerprintOf, readPage } from "./pagination.ts";
import { expectedRows, QueryStream } from "./query.ts";
import { indexScope, Reads } from "./readWriteSets.ts";
import { resolveQuery, type ResolvedQuery } from "./resolveQuery.ts";
import { createSnapshotAccess } from "./snapshotAccess.ts";
import { createSystemAccess } from "./systemAccess.ts";
import { SYSTEM_TABLES } from "./systemTables.ts";
import type { Caller, TransactionHost, TransactionInside } from "./transactionInside.ts";
import type {
  BiggestWrites,
  ComponentPath,
  DocumentText,
  Page,
  PageRequest,
  QueryCursor,
  Savepoint,
  SerializedQuery,
  SnapshotAccess,
  SystemAccess,
  Transaction,
  TransactionLimits,
  TransactionUsage,
} from "./types.ts";

type Mark = Savepoint & { position: number; written: Usage["written"] };

export class DatabaseTransaction implements Transaction, TransactionInside {
  readonly readSet = new Reads();
  readonly overlay = new Overlay();
  readonly system: SystemAccess;
  readonly #usage = new Usage();
  readonly #host: TransactionHost;

  constructor(
    host: TransactionHost,
    readonly kind: "query" | "mutation",
    readonly snapshotTs: bigint,
  ) {
    this.#host = host;
    this.system = createSystemAccess(this);
  }

  get usage(): TransactionUsage {
    return this.#usage.total;
  }

  get limits(): TransactionLimits {
    return this.#usage.limits;
  }

  set limits(limits: TransactionLimits) {
    this.#usage.limits = limits;
  }

  get isReadOnly(): boolean {
    return this.overlay.isEmpty;
  }

  get rangesRead(): number {
    return this.readSet.rangeCount;
  }

  get biggestWrites(): BiggestWrites | null {
    const size = { id: "", bytes: 0 };
    const nesting = { id: "", levels: 0 };
    for (const [table, { writes }] of this.overlay.tables()) {
      if (table.isSystem) continue;
      for (const [id, { after }] of writes) {
        if (after === null) continue;
        if (after.size > size.bytes) Object.assign(size, { id, bytes: after.size });
        const { nesting: levels = 0 } = after;
        if (levels > nesting.levels) Object.assign(nesting, { id, levels });
      }
    }
    return size.bytes === 0 ? null : { size, nesting };
  }

  get(component: ComponentPath, id: string, expectedTable?: string, isSystem = false): DocumentText | null {
    const method = isSystem ? "db.system.get" : "db.get";
    const tableNumber = withArgument(method, "id", () => readTableNumber(id));
    const table = this.#host.catalog.findByNumber(component, tableNumber);
    if (table === null || (table.isSystem && !isVisible(table.row.name))) return null;
    guardSystemTable(table.row.name, isSystem);
    checkExpectedTable(method, table, expectedTable);
    return this.load(table, id, "function")?.text ?? null;
  }

  insert(component: ComponentPath, name: string, value: JSONValue): string {
    this.#requireMutation("insert");
    withArgument("db.insert", "table", () => {
      checkTableName(name);
    });
    guardSystemTable(name, false);
    return this.insertInto(this.#host.catalog.ensure(component, name), value, "function");
  }

  patch(component: ComponentPath, id: string, value: JSONValue, expectedTable?: string): DocumentText {
    this.#requireMutation("patch");
    const table = this.#writableTable("db.patch", component, id, expectedTable);
    return this.patchIn(table, id, value, "function").text;
  }

  replace(component: ComponentPath, id: string, value: JSONValue, expectedTable?: string): DocumentText {
    this.#requireMutation("replace");
    const table = this.#writableTable("db.replace", component, id, expectedTable);
    const before = this.#require(table, id, "Replace", "function");
    const creationTime = before.value["_creationTime"] as number;
    const after = makeDocument(table, id, creationTime, value, {
      method: "db.replace",
      ids: this.#ids(component),
    });
    this.#write(table, id, before, after, "function");
    return after.text;
  }

  delete(component: ComponentPath, id: string, expectedTable?: string): DocumentText {
    this.#requireMutation("delete");
    const table = this.#writableTable("db.delete", component, id, expectedTable);
    return this.deleteFrom(table, id, "function").text;
  }

  openQuery(component: ComponentPath, query: SerializedQuery): QueryCursor {
    const { open } = this.#resolve(component, query);
    return new QueryStream(open(null, null, expectedRows(query)), query.operators);
  }

  queryPage(component: ComponentPath, request: PageRequest): Page {
    checkPageRequest(component, request);
    const { query, cursor, endCursor, pageSize } = request;
    const { open, fields, splittable } = this.#resolve(component, query);
    const fingerprint = fingerprintOf(component, query, fields);
    const start = cursor === null ? null : decodeCursor(fingerprint, cursor);
    const end = endCursor === null ? null : decodeCursor(fingerprint, endCursor);
    const source = open(start, end, expectedRows(query, pageSize));
    return readPage({ source, request, fingerprint, end, splittable });
  }

  count(component: ComponentPath, name: string): number {
    this.checkCurrent();
    this.readSet.addRange(indexScope(component, name, BY_ID), ALL_KEYS);
    const table = this.#readableTable(component, name);
    return table === null ? 0 : this.countOf(table);
  }

  normalizeId(component: ComponentPath, name: string, id: string): string | null {
    const number = tableNumberOf(id);
    const table = number === null ? null : this.#host.catalog.findByNumber(component, number);
    return table?.row.name === name ? id : null;
  }

  tableOf(component: ComponentPath, id: string): string | null {
    const number = tableNumberOf(id);
    return number === null ? null : (this.#host.catalog.findByNumber(component, number)?.row.name ?? null);
  }

  savepoint(): Savepoint {
    const mark: Mark = { brand: "savepoint", position: this.overlay.position, written: this.#usage.written };
    return mark;
  }

  rollbackTo(savepoint: Savepoint): void {
    const { position, written } = savepoint as Mark;
    this.overlay.undoTo(position);
    this.#usage.written = written;
  }

  startSnapshot(): Transaction {
    const snapshot = new DatabaseTransaction(this.#host, "query", this.snapshotTs);
    snapshot.limits = this.limits;
    return snapshot;
  }

  get snapshot(): SnapshotAccess {
    return createSnapshotAccess(this);
  }

  // For `systemAccess.ts`, `snapshotAccess.ts` and the above: without a look at who may.

  get host(): TransactionHost {
    return this.#host;
  }

  /** A transaction lives within one synchronous run: once another has committed, its snapshot is gone. */
  checkCurrent(): void {
    if (this.#host.ts === this.snapshotTs) return;
    throw new Error("A transaction was used after another one had committed: it must end within one run");
  }

  /** The document as this transaction sees it; recorded as read. */
  load(table: Table, id: string, caller: Caller): StoredDocument | null {
    if (caller === "function") this.#usage.checkRanges(this.readSet);
    const key = idKey(id);
    this.readSet.addRange(table.byId.scope, { start: key, end: keySuccessor(key) });
    const document = this.#peek(table, id);
    if (document !== null && caller === "function") this.#usage.recordRead(document.size);
    return document;
  }

  insertInto(table: Table, value: JSONValue, caller: Caller): string {
    const id = generateId(table.row.number);
    const options = { method: "db.insert", ids: this.#ids(table.row.component) };
    const document = makeDocument(table, id, this.#host.nextCreationTime(), value, options);
    this.#write(table, id, null, document, caller);
    return id;
  }

  countOf(table: Table): number {
    let count = table.row.documents;
    for (const { before, after } of this.overlay.of(table)?.writes.values() ?? []) {
      count += Number(after !== null) - Number(before !== null);
    }
    return count;
  }

  /** Makes a document be there with the id and the creation time that it has, whatever was. */
  putIn(table: Table, given: JsonObject): string {
    const {
      _id = generateId(table.row.number),
      _creationTime = this.#host.nextCreationTime(),
      ...fields
    } = given;
    if (typeof _id !== "string" || tableNumberOf(_id) !== table.row.number) {
      throw new UserError(`${JSON.stringify(_id)} is not an id of table "${table.row.name}"`, "InvalidId");
    }
    if (typeof _creationTime !== "number") {
      throw new UserError(`_creationTime of ${_id} must be a number`, "InvalidDocumentError");
    }
    const options = { method: "import", ids: this.#ids(table.row.component) };
    const after = makeDocument(table, _id, _creationTime, fields, options);
    const current = this.#peek(table, _id);
    this.#write(table, _id, current === null ? null : parsed(current), after, "system");
    return _id;
  }

  /** Removes a document, if it is there. */
  removeFrom(table: Table, id: string): void {
    const current = this.#peek(table, id);
    if (current !== null) this.#write(table, id, parsed(current), null, "system");
  }

  patchIn(table: Table, id: string, value: JSONValue, caller: Caller): Document {
    const before = this.#require(table, id, "Update", caller);
    const merged = withArgument("db.patch", "value", () => mergePatch(before.value, value));
    const creationTime = before.value["_creationTime"] as number;
    const options = { method: "db.patch", ids: this.#ids(table.row.component) };
    const after = makeDocument(table, id, creationTime, merged, options);
    this.#write(table, id, before, after, caller);
    return after;
  }

  deleteFrom(table: Table, id: string, caller: Caller): Document {
    const before = this.#require(table, id, "Delete", caller);
    this.#write(table, id, before, null, caller);
    return before;
  }

  #peek(table: Table, id: string): StoredDocument | null {
    this.checkCurrent();
    const write = this.overlay.find(table, id);
    return write === undefined ? this.#host.storage.document(table.row.id, id) : write.after;
  }

  #require(table: Table, id: string, verb: "Update" | "Replace" | "Delete", caller: Caller): Document {
    const document = this.load(table, id, caller);
    if (document === null)
      throw new UserError(`${verb} on nonexistent document ID ${id}`, "NonexistentDocument");
    return parsed(document);
  }

  /** `current`: the document as this transaction has it. A write that changes nothing wakes nobody. */
  #write(table: Table, id: string, current: Document | null, after: Document | null, caller: Caller): void {
    if (current !== null && after !== null && current.text === after.text) return;
    if (caller === "function") this.#usage.recordWrite(after?.size ?? 0);
    const previous = this.overlay.find(table, id);
    this.overlay.set(table, id, { before: previous === undefined ? current : previous.before, after });
  }

  #resolve(component: ComponentPath, query: SerializedQuery): ResolvedQuery {
    this.checkCurrent();
    return resolveQuery(query.source, {
      component,
      storage: this.#host.storage,
      overlay: this.overlay,
      reads: this.readSet,
      usage: this.#usage,
      findTable: (name) => this.#readableTable(component, name),
      load: (table, id) => this.#peek(table, id),
    });
  }

  /** A table that functions may read, or `null` if there is none of that name. */
  #readableTable(component: ComponentPath, name: string): Table | null {
    return isSystemName(name) && !isVisible(name) ? null : this.#host.catalog.find(component, name);
  }

  #writableTable(method: string, component: ComponentPath, id: string, expectedTable?: string): Table {
    const table = withArgument(method, "id", () => {
      const found = this.#host.catalog.findByNumber(component, readTableNumber(id));
      if (found === null) throw new UserError(`Table for ID "${id}" not found`);
      return found;
    });
    checkExpectedTable(method, table, expectedTable);
    guardSystemTable(table.row.name, false);
    return table;
  }

  #ids(component: ComponentPath): {
    isIdOf: (table: string, id: string) => boolean;
    tableOf: (id: string) => string | null;
  } {
    return {
      isIdOf: (table, id) => this.normalizeId(component, table, id) !== null,
      tableOf: (id) => this.tableOf(component, id),
    };
  }

  #requireMutation(verb: string): void {
    if (this.kind === "query") {
      throw new UserError(
        `Cannot call \`db.${verb}\` in a query: only mutations can write`,
        "ReadOnlyTransaction",
      );
    }
  }
}

function parsed(document: StoredDocument): Document {
  if ("value" in document) return document as Document;
  return { ...document, value: JSON.parse(document.text) as JsonObject };
}

function isVisible(name: string): boolean {
  return SYSTEM_TABLES.some((table) => table.name === name && table.visible);
}

function guardSystemTable(name: string, expectSystem: boolean): void {
  if (isSystemName(name) === expectSystem) return;
  throw new UserError(
    expectSystem
      ? "User tables cannot be accessed with db.system."
      : "System tables can only be accessed with db.system.",
    "SystemTableError",
  );
}

function checkExpectedTable(method: string, table: Table, expected: string | undefined): void {
  if (expected === undefined || expected === table.row.name) return;
  throw new UserError(
    `Invalid argument \`id\` for \`${method}\`: expected to be an Id<"${expected}">, got Id<"${table.row.name}"> instead.`,
    "InvalidArgument",
  );
}
