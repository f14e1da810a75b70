/**
 * File storage as pure functions over a transaction. The bytes are elsewhere (`fileStore.ts`): a row here is
 * written after they are safe, and bytes are removed after their row is gone (`fileJanitor.ts`), so that a
 * document never names bytes that are missing.
 *
 * A file is two rows. `_storage`, in the component that owns it, is the document that its functions see.
 * `_files`, in the root only, says which bytes belong to it; their unguessable name is also their URL.
 */
import { randomBytes } from "node:crypto";
import type { JSONValue } from "convex/values";
import { clock } from "../clock.ts";
import type { ComponentPath, SystemAccess, Transaction } from "../database/types.ts";
import { withArgument } from "../database/errors.ts";
import { UserError } from "../functions/types.ts";
import { decodeId } from "../values/ids.ts";

const STORAGE_TABLE = "_storage";
const FILES_TABLE = "_files";
export const DELETED_FILES_TABLE = "_deleted_files";
const UPLOAD_TOKENS_TABLE = "_upload_tokens";

/** Milliseconds that an upload URL is good for: an hour, as on Convex. */
const UPLOAD_TOKEN_LIFETIME_MS = 60 * 60 * 1000;
/** Expired tokens removed each time a new one is made: more than one, so that they never pile up. */
const EXPIRED_TOKENS_PER_SWEEP = 8;
const UPLOAD_TOKEN_BYTES = 32;
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Bytes that are safe in the file store, and what is said about them. */
export type StoredBytes = {
  /** Their name in the file store. */
  uuid: string;
  /** Base64. */
  sha256: string;
  /** Bytes. */
  size: number;
  contentType: string | null;
};

export type FileMetadata = { storageId: string; sha256: string; size: number; contentType: string | null };

/**
 * Makes a URL to which one file may be posted within the hour. `origin` is the deployment's own
 * (`CONVEX_CLOUD_URL`).
 */
export function generateUploadUrl(tx: Transaction, component: ComponentPath, origin: string): string {
  const now = clock.now();
  const expired = tx.system.query("", UPLOAD_TOKENS_TABLE, "by_expiry", [], {
    limit: EXPIRED_TOKENS_PER_SWEEP,
    upTo: now,
  });
  for (const row of expired) tx.system.delete("", row["_id"] as string);

  const token = randomBytes(UPLOAD_TOKEN_BYTES).toString("base64url");
  tx.system.insert("", UPLOAD_TOKENS_TABLE, { token, component, expiresAt: now + UPLOAD_TOKEN_LIFETIME_MS });
  return `${origin}/api/storage/upload?token=${token}`;
}

/** The component that a token lets upload to, or `null` if it is unknown, used or expired. */
export function checkUploadToken(system: SystemAccess, token: string): ComponentPath | null {
  const row = tokenRow(system, token);
  return row === null ? null : (row["component"] as ComponentPath);
}

/** As `checkUploadToken`, and the token is used up with it. */
export function redeemUploadToken(system: SystemAccess, token: string): ComponentPath | null {
  const row = tokenRow(system, token);
  if (row === null) return null;
  system.delete("", row["_id"] as string);
  return row["component"] as ComponentPath;
}

/** Makes the document of bytes that are already safe in the file store; returns its id. */
export function insertFile(tx: Transaction, component: ComponentPath, file: StoredBytes): string {
  const { uuid, sha256, size, contentType } = file;
  const storageId = tx.system.insert(component, STORAGE_TABLE, { sha256, size, contentType });
  linkFile(tx, component, { storageId, uuid });
  return storageId;
}

/** Says which bytes belong to a document of `_storage`. */
export function linkFile(
  tx: Transaction,
  component: ComponentPath,
  { storageId, uuid }: { storageId: string; uuid: string },
): void {
  tx.system.insert("", FILES_TABLE, { uuid, component, storageId });
}

/** The URL of a file at `origin`, or `null` if there is no such file (any more). */
export function getUrl(
  tx: Transaction,
  component: ComponentPath,
  storageId: string,
  origin: string,
): string | null {
  const file = findFile(tx, component, storageId, "storage.getUrl");
  return file === null ? null : `${origin}/api/storage/${file.uuid}`;
}

/** What `storage.getMetadata` returns: the digest is in hexadecimal here, unlike in the document. */
export function getMetadata(
  tx: Transaction,
  component: ComponentPath,
  storageId: string,
): FileMetadata | null {
  const file = findFile(tx, component, storageId);
  if (file === null) return null;
  return {
    storageId: file.uuid,
    sha256: Buffer.from(file.sha256, "base64").toString("hex"),
    size: file.size,
    contentType: file.contentType,
  };
}

/** Removes a file's document and leaves its bytes to the janitor. Throws if there is no such file. */
export function deleteFile(tx: Transaction, component: ComponentPath, storageId: string): void {
  const file = findFile(tx, component, storageId, "storage.delete");
  if (file === null) throw new UserError(`storage id ${storageId} not found`, "StorageIdNotFound");
  tx.system.delete(component, file.storageId);
  tx.system.delete("", file.rowId);
  tx.system.insert("", DELETED_FILES_TABLE, { uuid: file.uuid });
}

/** The bytes behind a `_storage` id, or `null` if there is no such file. `method` is what errors name: Convex has this one for `storage.get`, too. */
export function findFile(
  tx: Transaction,
  component: ComponentPath,
  storageId: string,
  method = "storage.getMetadata",
): (StoredBytes & { storageId: string; rowId: string }) | null {
  const id = resolveStorageId(tx, component, storageId, method);
  if (id === null) return null;
  const [row] = tx.system.query("", FILES_TABLE, "by_storageId", [component, id], { limit: 1 });
  return row === undefined ? null : withDocument(tx.system, row);
}

/** The file behind a URL's name, in whichever component it is. */
export function findFileByUuid(system: SystemAccess, uuid: string): StoredBytes | null {
  const [row] = system.query("", FILES_TABLE, "by_uuid", [uuid], { limit: 1 });
  return row === undefined ? null : withDocument(system, row);
}

/** A document's id, also if the caller has the file's UUID, as apps from before `_storage` do. */
function resolveStorageId(
  tx: Transaction,
  component: ComponentPath,
  storageId: string,
  method: string,
): string | null {
  if (UUID.test(storageId)) {
    const [row] = tx.system.query("", FILES_TABLE, "by_uuid", [storageId], { limit: 1 });
    return row !== undefined && row["component"] === component ? (row["storageId"] as string) : null;
  }
  withArgument(method, "storageId", () => checkIsId(storageId));
  const id = tx.normalizeId(component, STORAGE_TABLE, storageId);
  if (id === null) {
    throw new UserError(
      `Invalid storage ID. Storage ID cannot be an ID on any table other than '${STORAGE_TABLE}'.`,
      "InvalidArgument",
    );
  }
  return id;
}

function checkIsId(storageId: string): void {
  try {
    decodeId(storageId);
  } catch {
    throw new UserError(
      `Invalid storage ID: "${storageId}". Storage ID should be an Id of '${STORAGE_TABLE}' table, or a UUID string.`,
      "InvalidStorageId",
    );
  }
}

function withDocument(
  system: SystemAccess,
  row: Record<string, JSONValue>,
): (StoredBytes & { storageId: string; rowId: string }) | null {
  const storageId = row["storageId"] as string;
  const document = system.get(row["component"] as ComponentPath, storageId);
  if (document === null) return null;
  return {
    rowId: row["_id"] as string,
    storageId,
    uuid: row["uuid"] as string,
    sha256: document["sha256"] as string,
    size: document["size"] as number,
    contentType: (document["contentType"] as string | null | undefined) ?? null,
  };
}

function tokenRow(system: SystemAccess, token: string): Record<string, JSONValue> | null {
  const [row] = system.query("", UPLOAD_TOKENS_TABLE, "by_token", [token], { limit: 1 });
  return row !== undefined && (row["expiresAt"] as number) > clock.now() ? row : null;
}
