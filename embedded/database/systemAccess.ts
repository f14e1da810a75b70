/** The backend's own view of its tables: any table, any document, no limits of functions. */
import type { JSONValue } from "convex/values";
import { decodeId } from "../values/ids.ts";
import { encodeKey, prefixRange, prefixSuccessor } from "../values/indexKey.ts";
import { isSystemName } from "../values/names.ts";
import type { DatabaseIndex, Table } from "./catalog.ts";
import { IndexScan } from "./indexScan.ts";
import { SYSTEM_TABLES } from "./systemTables.ts";
import type { TransactionInside } from "./transactionInside.ts";
import type { ComponentPath, SystemAccess } from "./types.ts";

type Row = Record<string, JSONValue>;

export function createSystemAccess(transaction: TransactionInside): SystemAccess {
  const { catalog, storage } = transaction.host;

  const tableNamed = (component: ComponentPath, name: string): Table => {
    const known = SYSTEM_TABLES.find((table) => table.name === name);
    if (!isSystemName(name) || known === undefined || (known.scope === "root" && component !== "")) {
      throw new Error(`There is no system table ${name} in component "${component}"`);
    }
    return catalog.ensure(component, name);
  };

  const tableOf = (component: ComponentPath, id: string): Table => {
    const table = catalog.findByNumber(component, decodeId(id).tableNumber);
    if (table?.isSystem !== true)
      throw new Error(`${id} is not in a system table of component "${component}"`);
    return table;
  };

  return {
    userTables(component) {
      const tables = catalog.tables(component).filter(({ isSystem }) => !isSystem);
      return tables.map(({ row }) => row.name).sort();
    },

    get(component, id) {
      const document = transaction.load(tableOf(component, id), id, "system");
      return document === null ? null : (JSON.parse(document.text) as Row);
    },

    query(component, name, indexName, prefix, { order = "asc", limit = Infinity, upTo } = {}) {
      const table = tableNamed(component, name);
      const index = databaseIndex(table, indexName);
      const range = { ...prefixRange(encodeKey(prefix)) };
      if (upTo !== undefined) range.end = prefixSuccessor(encodeKey([...prefix, upTo]));
      const expected = limit === Infinity ? undefined : Math.max(1, limit);
      transaction.checkCurrent();
      const scan = new IndexScan({
        storage,
        overlay: transaction.overlay,
        reads: transaction.readSet,
        table,
        index,
        range,
        order,
        expected,
      });
      const rows: Row[] = [];
      while (rows.length < limit) {
        const row = scan.next();
        if (row === null) break;
        rows.push(JSON.parse(row.document.text) as Row);
      }
      return rows;
    },

    insert(component, name, value) {
      return transaction.insertInto(tableNamed(component, name), value, "system");
    },

    patch(component, id, value) {
      transaction.patchIn(tableOf(component, id), id, value, "system");
    },

    delete(component, id) {
      transaction.deleteFrom(tableOf(component, id), id, "system");
    },
  };
}

function databaseIndex(table: Table, name: string): DatabaseIndex {
  const index = table.indexes.get(name);
  if (index?.kind !== "database") throw new Error(`There is no index ${table.row.name}.${name}`);
  return index;
}
