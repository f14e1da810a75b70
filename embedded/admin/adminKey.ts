/** The key that makes its bearer an administrator of this deployment, kept in the data folder. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { AuthenticationError } from "../auth/types.ts";
import { INSTANCE_NAME } from "../http/instance.ts";

const KEY_FILE = "admin-key";
const SECRET_BYTES = 32;

/** Convex's words for a key that is not this deployment's. */
export const BAD_ADMIN_KEY = new AuthenticationError(
  "BadAdminKey",
  "The provided admin key was invalid for this instance",
);

export interface AdminKey {
  /** `instance|secret`, the form that the `convex` CLI expects. */
  readonly text: string;
  /** With a type before it or without. Compares in constant time. */
  matches(candidate: string): boolean;
}

/** `prod:` in `prod:name|secret`. */
const KEY_TYPE = /^([^:|]*):(?=[^|]*\|)/;

/**
 * Dashboard, CLI and people write before a key of which kind its deployment is: `prod:name|secret`. What is no deployment's, but a
 * team's for its previews or projects, loses its name too. (`AdminKey::remove_type_prefix` in convex-backend's
 * `crates/common/src/types/admin_key.rs`)
 */
export function withoutKeyType(key: string): string {
  const type = KEY_TYPE.exec(key)?.[1] ?? null;
  if (type === null) return key;
  return /^(preview|project)$/i.test(type) ? key.slice(key.indexOf("|") + 1) : key.slice(type.length + 1);
}

/**
 * The key of a data folder, made at the first use and readable by its owner only. For `"memory"`, one that is gone with
 * the process.
 */
export function openAdminKey(dataDir: string): AdminKey {
  const text = dataDir === "memory" ? makeKey() : keyOfFolder(path.join(dataDir, KEY_FILE));
  const digest = digestOf(text);
  // (`check_admin_key` in convex-backend's `crates/keybroker/src/broker.rs`)
  return {
    text,
    matches: (candidate) => timingSafeEqual(digest, digestOf(candidate.replace(KEY_TYPE, ""))),
  };
}

function keyOfFolder(file: string): string {
  try {
    writeFileSync(file, `${makeKey()}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    chmodSync(file, 0o600);
  }
  const key = readFileSync(file, "utf8").trim();
  if (!key.includes("|"))
    throw new Error(`${file} holds no admin key. Delete it: a new one is made at the next start.`);
  return key;
}

const makeKey = (): string => `${INSTANCE_NAME}|${randomBytes(SECRET_BYTES).toString("hex")}`;

/** Of equal length for keys of any length. */
const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();
