/** What `_generated/` gives an app: functions typed by its schema, and references to what is mounted. */
import {
  actionGeneric,
  componentsGeneric,
  internalActionGeneric,
  internalMutationGeneric,
  internalQueryGeneric,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import type {
  ActionBuilder,
  DataModelFromSchemaDefinition,
  GenericMutationCtx,
  MutationBuilder,
  QueryBuilder,
} from "convex/server";
import type schema from "./schema.ts";

export type DataModel = DataModelFromSchemaDefinition<typeof schema>;

export const query: QueryBuilder<DataModel, "public"> = queryGeneric;
export const mutation: MutationBuilder<DataModel, "public"> = mutationGeneric;
export const action: ActionBuilder<DataModel, "public"> = actionGeneric;
export const internalQuery: QueryBuilder<DataModel, "internal"> = internalQueryGeneric;
export const internalMutation: MutationBuilder<DataModel, "internal"> = internalMutationGeneric;
export const internalAction: ActionBuilder<DataModel, "internal"> = internalActionGeneric;

export const components: Record<string, unknown> = componentsGeneric();

/** Writes down that something has happened; returns how often it has by now. */
export async function note(
  ctx: GenericMutationCtx<DataModel>,
  name: string,
  detail: unknown = null,
): Promise<number> {
  await ctx.db.insert("notes", { name, detail });
  const all = await ctx.db
    .query("notes")
    .withIndex("by_name", (q) => q.eq("name", name))
    .collect();
  return all.length;
}
