/** Prepared statements by their text. Rows come as arrays: objects would carry a timing that nobody reads. */
import type Database from "libsql";
import { StorageError } from "./types.ts";

export type SqlValue = string | number | Buffer | null;

export class Statements {
  readonly #database: Database.Database;
  readonly #prepared = new Map<string, Database.Statement>();

  constructor(database: Database.Database) {
    this.#database = database;
  }

  run(sql: string, parameters: SqlValue[]): void {
    this.#statement(sql).run(parameters);
  }

  /** The first row, or `null`. The statement must have at most one row: it is not run further. */
  get(sql: string, parameters: SqlValue[]): SqlValue[] | null {
    return this.#read(sql, (reader) => (reader.get(parameters) as SqlValue[] | undefined) ?? null);
  }

  /** All rows. Never an open iterator: the code above may be ended between two of its steps. */
  all(sql: string, parameters: SqlValue[]): SqlValue[][] {
    return this.#read(sql, (reader) => reader.all(parameters) as SqlValue[][]);
  }

  /** A damaged page of a file that was not checked whole is met here. Whatever does not need it can still be read. */
  #read<T>(sql: string, read: (reader: Database.Statement) => T): T {
    try {
      return read(this.#reader(sql));
    } catch (error) {
      // A statement that failed is not reset: it would fail for ever.
      this.#prepared.delete(sql);
      const reason = error instanceof Error ? error.message : String(error);
      throw new StorageError(
        "damaged",
        `The data file cannot be read at a place where it is needed (${reason}): restore it from a backup.`,
        { cause: error },
      );
    }
  }

  #statement(sql: string): Database.Statement {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }

  #reader(sql: string): Database.Statement {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql).raw(true);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}
