/** Prepared statements by their text. Rows come as arrays: objects would carry a timing that nobody reads. */
import type Database from "libsql";

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
    return (this.#reader(sql).get(parameters) as SqlValue[] | undefined) ?? null;
  }

  /** All rows. Never an open iterator: the code above may be ended between two of its steps. */
  all(sql: string, parameters: SqlValue[]): SqlValue[][] {
    return this.#reader(sql).all(parameters) as SqlValue[][];
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
