/** Environment variables that an administrator has set: a file in the data folder, readable by its owner only. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Environment } from "../functions/environment.ts";
import { SYSTEM_VARIABLES } from "../functions/environment.ts";
import { HttpError } from "../http/respond.ts";
import { StorageError } from "../storage/types.ts";

const FILE = "environment.json";
const NAME = /^[a-zA-Z][a-zA-Z0-9_]*$/;
/** Convex's limits (`crates/common/src/types/environment_variables.rs` of convex-backend): characters, bytes, variables. */
const MAX_NAME_LENGTH = 256;
const MAX_VALUE_BYTES = 8 * 1024;
const MAX_VARIABLES = 512;

/** `value: null` removes the variable. */
export type EnvironmentChange = { name: string; value: string | null };

export class EnvironmentStore {
  private stored: Environment;
  private readonly file: string | null;

  /** `given` are those that the server was started with; what is stored goes before them. */
  constructor(
    dataDir: string,
    private readonly given: Environment,
  ) {
    this.file = dataDir === "memory" ? null : path.join(dataDir, FILE);
    this.stored = this.file === null ? {} : readStored(this.file);
  }

  /** What functions see. */
  get effective(): Environment {
    return merge(this.stored, this.given);
  }

  /**
   * What would be stored after the changes, and what functions would see. Throws an `HttpError`, in Convex's words where it
   * has some, for a change that cannot be.
   */
  preview(changes: readonly EnvironmentChange[]): { stored: Environment; effective: Environment } {
    const variables = new Map(Object.entries(this.stored));
    for (const change of changes) this.check(change);
    for (const { name, value } of changes) {
      if (value === null) variables.delete(name);
      else variables.set(name, value);
    }
    const stored = Object.fromEntries(variables);
    if (variables.size > MAX_VARIABLES) {
      throw new HttpError(
        400,
        "EnvVarLimitMet",
        `The environment variable limit (${MAX_VARIABLES}) has been met.`,
      );
    }
    return { stored, effective: merge(stored, this.given) };
  }

  save(stored: Environment): void {
    if (this.file !== null) {
      // A reader sees the old file or the new one, never a half.
      const unfinished = `${this.file}.new`;
      rmSync(unfinished, { force: true });
      writeFileSync(unfinished, `${JSON.stringify(stored, null, 2)}\n`, { mode: 0o600, flush: true });
      renameSync(unfinished, this.file);
    }
    this.stored = stored;
  }

  private check({ name, value }: EnvironmentChange): void {
    if (SYSTEM_VARIABLES.includes(name)) {
      throw new HttpError(
        400,
        "EnvVarNameForbidden",
        `Environment variable with name "${name}" is built-in and cannot be overridden`,
      );
    }
    if (value === null) {
      if (this.stored[name] !== undefined || this.given[name] === undefined) return;
      throw new HttpError(
        400,
        "EnvVarNotStored",
        `${name} comes from the environment or the settings of the server's process: remove it there and start the server again`,
      );
    }
    if (!NAME.test(name)) {
      throw new HttpError(
        400,
        "EnvironmentVariableNameInvalid",
        `The environment variable name ${name} is invalid. Environment variable names must begin with a letter and may ` +
          "only include characters a-z, A-Z, 0-9, and underscores.",
      );
    }
    if (name.length > MAX_NAME_LENGTH) {
      throw new HttpError(
        400,
        "EnvironmentVariableNameTooLong",
        `The environment variable name ${name} is too long. Environment variable names must be less than ${MAX_NAME_LENGTH}.`,
      );
    }
    const size = Buffer.byteLength(value);
    if (size > MAX_VALUE_BYTES) {
      throw new HttpError(
        400,
        "EnvironmentVariableValueTooLarge",
        `The environment variable value is ${size} bytes, which is too large. (max size: ${MAX_VALUE_BYTES})`,
      );
    }
  }
}

/** What is the backend's own cannot be stored, so nothing goes before it. */
const merge = (stored: Environment, given: Environment): Environment => ({ ...given, ...stored });

function readStored(file: string): Environment {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
  try {
    return JSON.parse(text) as Environment;
  } catch {
    throw new StorageError("damaged", `${file} is damaged: it was left as it is. Mend it, or move it away.`);
  }
}
