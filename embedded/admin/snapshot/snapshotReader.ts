import type { ComponentPath, DocumentText, TableSummary } from "../../database/types.ts";
import type { Engine } from "../../engine/types.ts";

/** Documents read in one turn of the engine: few enough to hold nobody up. */
const BATCH_SIZE = 256;

type Place = { component: ComponentPath; table: string };

/**
 * The database as it was at one moment, read in turns while others go on writing. A document that a commit changes before
 * the reader has come to it is kept as it was; so what is kept grows with the changes meanwhile, not with the database.
 */
export class SnapshotReader {
  /** For each table, the documents that have changed since: as they were, or `null` for what was not there. */
  private readonly before = new Map<string, Map<string, DocumentText | null>>();
  /** For each table, the id up to which it was read; `null` once it was read whole. */
  private readonly readUpTo = new Map<string, string | null>();
  private stopWatching: () => void = () => {};

  private constructor(
    private readonly engine: Engine,
    /** Nanoseconds since the epoch. */
    readonly ts: bigint,
    readonly tables: ReadonlyMap<ComponentPath, readonly TableSummary[]>,
  ) {}

  /** The moment is that at which it resolves. `close` it. */
  static open(engine: Engine, components: readonly ComponentPath[]): Promise<SnapshotReader> {
    return engine.transact(({ snapshot }) => {
      const tables = new Map(components.map((component) => [component, snapshot.tables(component)] as const));
      const reader = new SnapshotReader(engine, engine.database.ts, tables);
      reader.stopWatching = engine.database.onWrite((component, table, id, before) =>
        reader.note({ component, table }, id, before),
      );
      return reader;
    });
  }

  /** The documents of a table, once. */
  async *documents(component: ComponentPath, table: string): AsyncGenerator<DocumentText, void, void> {
    const place = { component, table };
    const key = keyOf(place);
    let after: string | null = null;
    for (;;) {
      const rows: { id: string; text: DocumentText }[] = await this.engine.transact(({ snapshot }) => {
        const batch = snapshot.read(component, table, after, BATCH_SIZE);
        // Marked in the same turn: what changes from now on was read as it was.
        this.readUpTo.set(key, batch.length < BATCH_SIZE ? null : (batch.at(-1)?.id ?? null));
        return batch.flatMap(({ id, text }) => {
          const old = this.take(key, id);
          return old === null ? [] : [{ id, text: old ?? text }];
        });
      });
      for (const { text } of rows) yield text;
      after = this.readUpTo.get(key) ?? null;
      if (after === null) break;
    }
    // Deleted before the reader came to them.
    for (const text of this.before.get(key)?.values() ?? []) if (text !== null) yield text;
    this.before.delete(key);
  }

  close(): void {
    this.stopWatching();
  }

  private note(place: Place, id: string, before: DocumentText | null): void {
    const key = keyOf(place);
    const upTo = this.readUpTo.get(key);
    if (upTo === null || (upTo !== undefined && id <= upTo)) return;
    let changed = this.before.get(key);
    if (changed === undefined) this.before.set(key, (changed = new Map<string, DocumentText | null>()));
    if (!changed.has(id)) changed.set(id, before);
  }

  /** The document as it was: its text, `null` if it was not there, or `undefined` if it has not changed. */
  private take(key: string, id: string): DocumentText | null | undefined {
    const changed = this.before.get(key);
    const old = changed?.get(id);
    if (old !== undefined) changed?.delete(id);
    return old;
  }
}

const keyOf = ({ component, table }: Place): string => `${component}\n${table}`;
