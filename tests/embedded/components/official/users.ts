/** `@convex-dev/migrations`. */
import { Migrations, type MigrationFunctionReference } from "@convex-dev/migrations";
import { v } from "convex/values";
import { api } from "./api.ts";
import schema from "./schema.ts";
import { components, mutation, query } from "./server.ts";

const migrations = new Migrations(components["migrations"] as ConstructorParameters<typeof Migrations>[0], {
  schema,
});

export const setDefaultPlan = migrations.define({
  table: "users",
  batchSize: 10,
  migrateOne: (_ctx, user) => (user.plan === undefined ? { plan: "free" } : undefined),
});

export const shout = migrations.define({
  table: "users",
  customRange: (users) => users.withIndex("by_creation_time"),
  migrateOne: async (ctx, user) => {
    if (user.name === "broken") throw new Error("cannot shout");
    await ctx.db.patch("users", user._id, { name: user.name.toUpperCase() });
  },
});

/** Their types are made for `exactOptionalPropertyTypes` being off. */
const both = [api.users.setDefaultPlan, api.users.shout] as unknown as MigrationFunctionReference[];

export const run = migrations.runner();
export const runAll = migrations.runner(both);

export const add = mutation({
  args: { names: v.array(v.string()) },
  handler: async (ctx, { names }) => {
    for (const name of names) await ctx.db.insert("users", { name });
  },
});

export const list = query({
  args: {},
  handler: async (ctx): Promise<string[]> =>
    (await ctx.db.query("users").collect()).map(({ name, plan }) => `${name} ${plan ?? "-"}`),
});

export const status = query({
  args: {},
  handler: async (ctx): Promise<string[]> => {
    const states = await migrations.getStatus(ctx, { migrations: both });
    return states.map(({ state }) => state);
  },
});
