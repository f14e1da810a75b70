/** A transaction as the other views of its data see it (`systemAccess.ts`, `snapshotAccess.ts`): without a look at who may. */
import type { JSONValue } from "convex/values";
import type { StoredDocument, Storage } from "../storage/types.ts";
import type { JsonObject } from "../values/json.ts";
import type { Catalog, Table } from "./catalog.ts";
import type { Document, Overlay } from "./overlay.ts";
import type { Reads } from "./readWriteSets.ts";

/** What a transaction needs of the database it belongs to. */
export type TransactionHost = {
  readonly ts: bigint;
  readonly storage: Storage;
  readonly catalog: Catalog;
  nextCreationTime(): number;
};

/** Whose limits and rules hold: those of functions, or none because the backend itself asks. */
export type Caller = "function" | "system";

export interface TransactionInside {
  readonly host: TransactionHost;
  readonly overlay: Overlay;
  readonly readSet: Reads;
  /** Throws if another transaction has committed since this one began. */
  checkCurrent(): void;
  /** The document as this transaction sees it; recorded as read. */
  load(table: Table, id: string, caller: Caller): StoredDocument | null;
  countOf(table: Table): number;
  insertInto(table: Table, value: JSONValue, caller: Caller): string;
  patchIn(table: Table, id: string, value: JSONValue, caller: Caller): Document;
  deleteFrom(table: Table, id: string, caller: Caller): Document;
  /** Makes a document be there with the id and the creation time that it has, whatever was. */
  putIn(table: Table, given: JsonObject): string;
  removeFrom(table: Table, id: string): void;
}
