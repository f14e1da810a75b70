/** Whole tables, for exports and imports. */
import { UserError } from "../functions/types.ts";
import { ALL_KEYS, keySuccessor } from "../values/indexKey.ts";
import { idKey, type Table } from "./catalog.ts";
import { scanStored } from "./indexScan.ts";
import type { TransactionInside } from "./transactionInside.ts";
import type { ComponentPath, SnapshotAccess } from "./types.ts";

export function createSnapshotAccess(transaction: TransactionInside): SnapshotAccess {
  const { catalog, storage } = transaction.host;

  return {
    tables: (component) =>
      catalog.tables(component).map(({ row: { name, number, documents } }) => ({ name, number, documents })),

    read(component, name, after, limit) {
      transaction.checkCurrent();
      const table = catalog.find(component, name);
      if (table === null) return [];
      const range = after === null ? ALL_KEYS : { ...ALL_KEYS, start: keySuccessor(idKey(after)) };
      const rows = scanStored(storage, table, table.byId, range, "asc", limit);
      return rows.map(({ id, document }) => ({ id, text: document.text }));
    },

    put: (component, name, document) => transaction.putIn(catalog.ensure(component, name), document),

    remove(component, name, id) {
      const table = catalog.find(component, name);
      if (table !== null) transaction.removeFrom(table, id);
    },

    renumber(component, numbers) {
      const wanted = new Map(
        [...numbers].map(([name, number]) => [catalog.ensure(component, name), number] as const),
      );
      makeWay(component, wanted);
      const before = new Map([...wanted.keys()].map((table) => [table, table.row.number] as const));
      catalog.renumber(component, wanted);
      return () => catalog.renumber(component, before);
    },
  };

  /** Adds to `wanted` the empty tables that have one of the numbers now: they get others. */
  function makeWay(component: ComponentPath, wanted: Map<Table, number>): void {
    const taken = new Set(wanted.values());
    if (taken.size < wanted.size)
      throw new UserError("Two tables have the same table number", "TableNumberConflict");
    for (const number of [...taken]) {
      const holder = catalog.findByNumber(component, number);
      if (holder === null || wanted.has(holder)) continue;
      if (transaction.countOf(holder) > 0) {
        throw new UserError(
          `The table number ${number} of the imported ids is that of table "${holder.row.name}", which is not empty`,
          "TableNumberConflict",
        );
      }
      const free = catalog.freeNumber(component, holder.isSystem, taken);
      wanted.set(holder, free);
      taken.add(free);
    }
  }
}
