/** What a push changes, as the CLI shows it. */
import type { JSONValue } from "convex/values";
import type { SchemaJson, TableJson } from "../../database/types.ts";
import type { ComponentBundle, Deployment } from "../../functions/types.ts";

type Json = Record<string, JSONValue>;

/** For each component, the indexes that are made and dropped. Those that change are both. */
export function indexDifferences(before: Deployment, after: Deployment): Json {
  return eachComponent(before, after, (old, next) => {
    const oldIndexes = indexesOf(old?.schema ?? null);
    const newIndexes = indexesOf(next?.schema ?? null);
    return {
      added_indexes: missingIn(oldIndexes, newIndexes),
      removed_indexes: missingIn(newIndexes, oldIndexes),
    };
  });
}

/**
 * What the CLI wants to know of one component before `deploy`: which indexes change, and how many documents `documentsIn` their tables.
 * Staged indexes are filled like others, so that they are enabled at once. What checking the documents costs is not foretold: `tables` is empty.
 */
export function schemaEvaluation(
  before: SchemaJson | null,
  after: SchemaJson | null,
  definitionPath: string,
  documentsIn: (table: string) => number,
): Json {
  const [old, next] = [indexesOf(before), indexesOf(after)];
  const known = new Map(old.map((index) => [unstaged(index), index]));
  const wanted = new Set(next.map(unstaged));
  const evaluated = (index: Json, change: string): Json => {
    const [table = ""] = (index["name"] as string).split(".");
    return { ...index, change, needsBackfill: change === "added", numDocs: documentsIn(table) };
  };
  return {
    definitionPath,
    schemaValidation: after?.schemaValidation ?? false,
    tables: [],
    indexes: [
      ...next.map((index) => {
        const existing = known.get(unstaged(index));
        if (existing === undefined) return evaluated(index, "added");
        if (existing["staged"] === index["staged"]) return evaluated(index, "identical");
        return evaluated(index, index["staged"] === true ? "disabled" : "enabled");
      }),
      ...old.filter((index) => !wanted.has(unstaged(index))).map((index) => evaluated(index, "dropped")),
    ],
  };
}

/** Tells an index from others, staged or not. */
const unstaged = ({ staged: _, ...index }: Json): string => JSON.stringify(index);

/** The answer to `finish_push`. */
export function pushDifferences(before: Deployment, after: Deployment): Json {
  const indexDiffs = indexDifferences(before, after);
  const oldProviders = before.authProviders.map((provider) => JSON.stringify(provider));
  const newProviders = after.authProviders.map((provider) => JSON.stringify(provider));
  return {
    authDiff: difference(oldProviders, newProviders),
    definitionDiffs: {},
    componentDiffs: eachComponent(before, after, (old, next, path) => ({
      diffType: { type: old === undefined ? "create" : next === undefined ? "unmount" : "modify" },
      moduleDiff: difference([...(old?.functions.keys() ?? [])], [...(next?.functions.keys() ?? [])]),
      udfConfigDiff: null,
      cronDiff: cronDifference(old, next),
      indexDiff: indexDiffs[path] as JSONValue,
      schemaDiff: schemaDifference(old?.schema ?? null, next?.schema ?? null),
    })),
  };
}

function eachComponent(
  before: Deployment,
  after: Deployment,
  compare: (old: ComponentBundle | undefined, next: ComponentBundle | undefined, path: string) => JSONValue,
): Json {
  const paths = new Set([...before.components.keys(), ...after.components.keys()]);
  return Object.fromEntries(
    [...paths].map((path) => [path, compare(before.components.get(path), after.components.get(path), path)]),
  );
}

function difference(old: readonly string[], next: readonly string[]): { added: string[]; removed: string[] } {
  return {
    added: next.filter((entry) => !old.includes(entry)),
    removed: old.filter((entry) => !next.includes(entry)),
  };
}

function cronDifference(old: ComponentBundle | undefined, next: ComponentBundle | undefined): JSONValue {
  const { added, removed } = difference([...(old?.crons.keys() ?? [])], [...(next?.crons.keys() ?? [])]);
  const updated = [...(next?.crons ?? [])].filter(([name, cron]) => {
    const earlier = old?.crons.get(name);
    return earlier !== undefined && JSON.stringify(earlier) !== JSON.stringify(cron);
  });
  return { added, updated: updated.map(([name]) => name), deleted: removed };
}

function schemaDifference(old: SchemaJson | null, next: SchemaJson | null): JSONValue {
  const [previous, upcoming] = [old, next].map((schema) => (schema === null ? null : JSON.stringify(schema)));
  return previous === upcoming ? null : { previous_schema: previous ?? null, next_schema: upcoming ?? null };
}

function indexesOf(schema: SchemaJson | null): Json[] {
  return (schema?.tables ?? []).flatMap((table) => [
    ...databaseIndexes(table, table.indexes, false),
    ...databaseIndexes(table, table.stagedDbIndexes ?? [], true),
    ...searchIndexes(table, table.searchIndexes, false),
    ...searchIndexes(table, table.stagedSearchIndexes ?? [], true),
    ...(table.vectorIndexes ?? []).map(({ indexDescriptor, dimensions, vectorField, filterFields }) => ({
      name: `${table.tableName}.${indexDescriptor}`,
      type: "vector",
      dimensions,
      vectorField,
      filterFields,
    })),
  ]);
}

function databaseIndexes({ tableName }: TableJson, indexes: TableJson["indexes"], staged: boolean): Json[] {
  return indexes.map(({ indexDescriptor, fields }) => ({
    name: `${tableName}.${indexDescriptor}`,
    type: "database",
    fields,
    ...(staged && { staged }),
  }));
}

function searchIndexes(
  { tableName }: TableJson,
  indexes: TableJson["searchIndexes"],
  staged: boolean,
): Json[] {
  return indexes.map(({ indexDescriptor, searchField, filterFields }) => ({
    name: `${tableName}.${indexDescriptor}`,
    type: "search",
    searchField,
    filterFields,
    ...(staged && { staged }),
  }));
}

function missingIn(have: readonly Json[], wanted: readonly Json[]): Json[] {
  const known = new Set(have.map((index) => JSON.stringify(index)));
  return wanted.filter((index) => !known.has(JSON.stringify(index)));
}
