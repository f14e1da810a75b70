/** Names of tables, indexes and index fields, with Convex's messages for those it refuses. */
import { UserError } from "../functions/types.ts";
import { MAX_IDENTIFIER_LENGTH } from "./limits.ts";

const IDENTIFIER = /^[a-zA-Z][a-zA-Z0-9_]*$/;

export function isSystemName(table: string): boolean {
  return table.startsWith("_");
}

export function checkTableName(table: string): void {
  if (
    table.length > MAX_IDENTIFIER_LENGTH ||
    !IDENTIFIER.test(isSystemName(table) ? table.slice(1) : table)
  ) {
    throw new UserError(
      `Invalid table name: "${table}". Identifiers must start with a letter and can only contain letters, digits, and underscores.`,
      "InvalidTableName",
    );
  }
}

export function checkIndexName(table: string, index: string): void {
  if (index.startsWith("_") || index === "by_id" || index === "by_creation_time") {
    throw new UserError(
      `In table "${table}" cannot name an index "${index}" because the name is reserved. Indexes may not start ` +
        `with an underscore or be named "by_id" or "by_creation_time".`,
      "IndexNameReserved",
    );
  }
  if (index.length > MAX_IDENTIFIER_LENGTH || !IDENTIFIER.test(index)) {
    throw new UserError(
      `Invalid index name: "${index}". Identifiers must be 64 characters or less, start with a letter, and only ` +
        `contain letters, digits, underscores.`,
      "InvalidIndexName",
    );
  }
}

/** The steps of a field path like `author.name`. Throws a `UserError` if it is none. */
export function parseFieldPath(path: string): string[] {
  const steps = path.split(".");
  if (steps.some((step) => !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(step))) {
    throw new UserError(`Invalid field path: "${path}"`, "InvalidFieldPath");
  }
  return steps;
}
