import { anyApi, paginationOptsValidator } from "convex/server";
import { ConvexError, v } from "convex/values";
import { action, internalMutation, mutation, query } from "./functions";

/** As `_generated/api` has it, but for the types: those would need themselves. */
const items = anyApi["items"]!;

export const add = mutation({
  args: { group: v.string(), rank: v.number(), label: v.optional(v.string()) },
  returns: v.id("items"),
  handler: (ctx, item) => ctx.db.insert("items", item),
});

export const inGroup = query({
  args: {
    group: v.string(),
    from: v.optional(v.number()),
    below: v.optional(v.number()),
    newestFirst: v.boolean(),
  },
  handler: async (ctx, { group, from, below, newestFirst }) => {
    const found = await ctx.db
      .query("items")
      .withIndex("by_group_rank", (q) => {
        const inGroup = q.eq("group", group);
        if (from !== undefined && below !== undefined) return inGroup.gte("rank", from).lt("rank", below);
        if (from !== undefined) return inGroup.gte("rank", from);
        return below === undefined ? inGroup : inGroup.lt("rank", below);
      })
      .order(newestFirst ? "desc" : "asc")
      .collect();
    return found.map(({ rank }) => rank);
  },
});

export const page = query({
  args: { paginationOpts: paginationOptsValidator },
  handler: async (ctx, { paginationOpts }) => {
    const { page: found, isDone, continueCursor } = await ctx.db.query("items").paginate(paginationOpts);
    return { ranks: found.map(({ rank }) => rank), isDone, continueCursor };
  },
});

/** Adds, then fails in one of two ways. */
export const addAndFail = mutation({
  args: { group: v.string(), rank: v.number(), withData: v.boolean() },
  handler: async (ctx, { withData, ...item }) => {
    await ctx.db.insert("items", item);
    throw withData
      ? new ConvexError({ code: "NO", count: 1n, bytes: new ArrayBuffer(2) })
      : new Error("it failed");
  },
});

/** Its own write stays, that of the mutation it calls does not. */
export const addAround = mutation({
  args: { group: v.string() },
  handler: async (ctx, { group }) => {
    await ctx.db.insert("items", { group, rank: 1 });
    let caught: unknown = null;
    try {
      await ctx.runMutation(items["addAndFail"]!, { group, rank: 2, withData: true });
    } catch (error) {
      caught = error instanceof ConvexError ? (error.data as unknown) : String(error);
    }
    await ctx.runMutation(items["add"]!, { group, rank: 3 });
    return {
      caught,
      ranks: (await ctx.runQuery(items["inGroup"]!, { group, newestFirst: false })) as number[],
    };
  },
});

export const change = mutation({
  args: { id: v.id("items"), how: v.union(v.literal("patch"), v.literal("replace"), v.literal("delete")) },
  handler: async (ctx, { id, how }) => {
    if (how === "patch") await ctx.db.patch(id, { rank: 10, label: undefined });
    else if (how === "replace") await ctx.db.replace(id, { group: "replaced", rank: 20 });
    else await ctx.db.delete(id);
    const { _creationTime, ...rest } = (await ctx.db.get(id)) ?? { _creationTime: 0 };
    return { isThere: _creationTime !== 0, group: null, rank: null, label: null, ...rest, _id: null };
  },
});

export const wrongReturn = query({
  args: {},
  returns: v.string(),
  handler: () => 1 as unknown as string,
});

export const normalize = query({
  args: { id: v.string() },
  handler: (ctx, { id }) => ctx.db.normalizeId("items", id) !== null,
});

export const storeValues = mutation({
  args: { values: v.array(v.any()) },
  handler: async (ctx, { values }) => {
    for (const value of values) await ctx.db.insert("values", { value: value as unknown });
    await ctx.db.insert("values", { value: null });
  },
});

export const valuesInOrder = query({
  args: {},
  handler: async (ctx) =>
    (await ctx.db.query("values").withIndex("by_value").collect()).map(({ value }) => value as unknown),
});

export const filtered = query({
  args: {},
  handler: async (ctx) =>
    (
      await ctx.db
        .query("items")
        .filter((q) => q.and(q.gt(q.field("rank"), 1), q.neq(q.field("label"), "hidden")))
        .collect()
    ).map(({ rank }) => rank),
});

export const whoAmI = query({
  args: {},
  handler: async (ctx) => (await ctx.auth.getUserIdentity())?.subject ?? null,
});

export const hidden = internalMutation({ args: {}, handler: () => "hidden" });

export const byAction = action({
  args: { group: v.string() },
  handler: async (ctx, { group }) => {
    await ctx.runMutation(items["add"]!, { group, rank: 1 });
    const failure: unknown = await ctx
      .runMutation(items["addAndFail"]!, { group, rank: 2, withData: true })
      .catch((error: unknown) => (error as ConvexError<never>).data);
    const id = await ctx.storage.store(new Blob(["bytes"], { type: "text/plain" }));
    const text = await (await ctx.storage.get(id))?.text();
    return {
      failure,
      text,
      ranks: (await ctx.runQuery(items["inGroup"]!, { group, newestFirst: false })) as number[],
      hidden: (await ctx.runMutation(items["hidden"]!, {})) as string,
      subject: (await ctx.auth.getUserIdentity())?.subject ?? null,
    };
  },
});

export const schedule = mutation({
  args: { group: v.string() },
  handler: async (ctx, { group }) => {
    await ctx.scheduler.runAfter(1_000, items["add"]!, { group, rank: 1 });
    const canceled = await ctx.scheduler.runAfter(2_000, items["add"]!, { group, rank: 2 });
    await ctx.scheduler.runAfter(3_000, items["scheduleAgain"]!, { group });
    await ctx.scheduler.cancel(canceled);
  },
});

export const scheduleAgain = mutation({
  args: { group: v.string() },
  handler: (ctx, { group }) => ctx.scheduler.runAfter(1_000, items["add"]!, { group, rank: 4 }),
});

export const jobStates = query({
  args: {},
  handler: async (ctx) => {
    const jobs = await ctx.db.system.query("_scheduled_functions").collect();
    return jobs.map(({ state }) => (state as { kind: string }).kind);
  },
});
