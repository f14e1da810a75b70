/**
 * The queries under `_system/` that the `convex` CLI asks a deployment. On Convex they are functions like an app's
 * (`npm-packages/system-udfs/convex/_system` of convex-backend); here they are the backend's own. Only administrators may
 * call them.
 */
import type { JSONValue } from "convex/values";
import type { Transaction } from "../database/types.ts";
import type { Environment } from "../functions/environment.ts";
import { SYSTEM_VARIABLES } from "../functions/environment.ts";
import { displayPath } from "../functions/references.ts";
import { UserError } from "../functions/types.ts";
import type { ComponentBundle, Deployment, FunctionAddress } from "../functions/types.ts";
import { specOf } from "./functionSpec.ts";

const PREFIX = "_system/";
/** Imports that are listed. */
const LISTED_IMPORTS = 20;
/** Rows and bytes that a page of a table may read; Convex's own (`_system/paginationLimits.ts`). */
const MAX_ROWS_READ = 4096;
const MAX_BYTES_READ = 5 * 1024 * 1024;

export type SystemQueriesParts = { deployment: () => Deployment; env: () => Environment };

type Args = { readonly [name: string]: JSONValue | undefined };
type SystemQuery = (
  context: { transaction: Transaction; component: string; args: Args } & SystemQueriesParts,
) => JSONValue;

export interface SystemQueries {
  /** The result, in Convex's JSON encoding. Throws a `UserError` for a query that is not there. */
  run(address: FunctionAddress, args: JSONValue, transaction: Transaction): JSONValue;
}

export const isSystemPath = (path: string): boolean => path.startsWith(PREFIX);

export function createSystemQueries(parts: SystemQueriesParts): SystemQueries {
  return {
    run: (address, args, transaction) => {
      const query = QUERIES.get(address.path.slice(PREFIX.length));
      if (query === undefined) {
        throw new UserError(
          `The embedded backend has no ${displayPath(address)}: it answers the system queries of the \`convex\` CLI, ` +
            "not those of the dashboard.",
        );
      }
      if (typeof args !== "object" || args === null || Array.isArray(args)) {
        throw new UserError(`Arguments for ${displayPath(address)} must be one object.`);
      }
      return query({ ...parts, transaction, component: address.component, args });
    },
  };
}

const QUERIES: ReadonlyMap<string, SystemQuery> = new Map<string, SystemQuery>([
  [
    "cli/tables:default",
    ({ transaction, component }) => ({
      page: transaction.system.userTables(component).map((name) => ({ name })),
      isDone: true,
      continueCursor: "end",
    }),
  ],
  ["cli/tableData:default", tableData],
  [
    "cli/queryTable:default",
    ({ transaction, component, args }) => {
      transaction.count(component, stringArg(args, "tableName"));
      // Another result each time: its caller waits for any change of the table.
      return Math.random();
    },
  ],
  [
    "cli/tableSize:default",
    ({ transaction, component, args }) => transaction.count(component, stringArg(args, "tableName")),
  ],
  ["cli/queryEnvironmentVariables:default", ({ env }) => listVariables(env())],
  [
    "cli/queryEnvironmentVariables:get",
    ({ env, args }) => {
      const name = stringArg(args, "name");
      const value = env()[name];
      return value === undefined ? null : { name, value };
    },
  ],
  [
    "cli/exports:getLatest",
    ({ transaction }) =>
      transaction.system.query("", "_exports", "by_creation_time", [], { order: "desc", limit: 1 })[0] ??
      null,
  ],
  [
    "cli/queryImport:default",
    ({ transaction, args }) => transaction.system.get("", stringArg(args, "importId")),
  ],
  [
    "cli/queryImport:list",
    ({ transaction }) =>
      transaction.system.query("", "_snapshot_imports", "by_creation_time", [], {
        order: "desc",
        limit: LISTED_IMPORTS,
      }),
  ],
  ["cli/modules:apiSpec", ({ deployment, component }) => specOf(componentNamed(deployment(), component))],
  ["cli/convexUrl:cloudUrl", ({ env }) => env()["CONVEX_CLOUD_URL"] ?? ""],
  [
    "frontend/components:list",
    ({ deployment }) =>
      [...deployment().components.values()].map(({ path, httpRoutes: _ }) => ({
        // Components have no documents of their own here: their path is what names them.
        id: path === "" ? null : path,
        name: path === "" ? null : (path.split("/").at(-1) ?? path),
        path,
        args: {},
        state: "active",
        httpPrefix: null,
      })),
  ],
  [
    "frontend/getSchemas:default",
    ({ deployment, component }) => {
      const { schema } = componentNamed(deployment(), component);
      return { active: schema === null ? null : JSON.stringify(schema), inProgress: null };
    },
  ],
]);

function tableData({ transaction, component, args }: Parameters<SystemQuery>[0]): JSONValue {
  const { cursor, numItems } = (args["paginationOpts"] ?? {}) as Args;
  const order = args["order"] === "desc" ? "desc" : "asc";
  const page = transaction.queryPage(component, {
    query: { source: { type: "FullTableScan", tableName: stringArg(args, "table"), order }, operators: [] },
    cursor: typeof cursor === "string" ? cursor : null,
    endCursor: null,
    pageSize: typeof numItems === "number" ? numItems : MAX_ROWS_READ,
    maximumRowsRead: MAX_ROWS_READ,
    maximumBytesRead: MAX_BYTES_READ,
  });
  return { ...page, page: page.page.map((text) => JSON.parse(text) as JSONValue) };
}

function listVariables(env: Environment): JSONValue {
  return Object.entries(env)
    .filter(([name]) => !SYSTEM_VARIABLES.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, value }));
}

function componentNamed({ components }: Deployment, path: string): ComponentBundle {
  const component = components.get(path);
  if (component === undefined) throw new UserError(`Component "${path}" not found`);
  return component;
}

function stringArg(args: Args, name: string): string {
  const value = args[name];
  if (typeof value === "string") return value;
  throw new UserError(`ArgumentValidationError: Object is missing the required field \`${name}\`.`);
}
