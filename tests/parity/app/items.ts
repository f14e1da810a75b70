import {
  actionGeneric,
  anyApi,
  internalMutationGeneric,
  mutationGeneric,
  paginationOptsValidator,
  queryGeneric,
} from "convex/server";
import { ConvexError, v } from "convex/values";

const items = anyApi["items"]!;

export const add = mutationGeneric({
  args: { group: v.string(), rank: v.number(), label: v.optional(v.string()) },
  returns: v.id("items"),
  handler: (ctx, item) => ctx.db.insert("items", item),
});

export const inGroup = queryGeneric({
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
        const lower = from === undefined ? inGroup : inGroup.gte("rank", from);
        return below === undefined ? lower : (lower as typeof inGroup).lt("rank", below);
      })
      .order(newestFirst ? "desc" : "asc")
      .collect();
    return found.map(({ rank }) => rank as number);
  },
});

export const page = queryGeneric({
  args: { paginationOpts: paginationOptsValidator },
  handler: async (ctx, { paginationOpts }) => {
    const { page: found, isDone, continueCursor } = await ctx.db.query("items").paginate(paginationOpts);
    return { ranks: found.map(({ rank }) => rank as number), isDone, continueCursor };
  },
});

/** Adds, then fails in one of two ways. */
export const addAndFail = mutationGeneric({
  args: { group: v.string(), rank: v.number(), withData: v.boolean() },
  handler: async (ctx, { withData, ...item }) => {
    await ctx.db.insert("items", item);
    throw withData
      ? new ConvexError({ code: "NO", count: 1n, bytes: new ArrayBuffer(2) })
      : new Error("it failed");
  },
});

/** Its own write stays, that of the mutation it calls does not. */
export const addAround = mutationGeneric({
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

export const change = mutationGeneric({
  args: { id: v.id("items"), how: v.union(v.literal("patch"), v.literal("replace"), v.literal("delete")) },
  handler: async (ctx, { id, how }) => {
    if (how === "patch") await ctx.db.patch(id, { rank: 10, label: undefined });
    else if (how === "replace") await ctx.db.replace(id, { group: "replaced", rank: 20 });
    else await ctx.db.delete(id);
    const { _creationTime, ...rest } = (await ctx.db.get(id)) ?? { _creationTime: 0 };
    return { isThere: _creationTime !== 0, group: null, rank: null, label: null, ...rest, _id: null };
  },
});

export const wrongReturn = queryGeneric({
  args: {},
  returns: v.string(),
  handler: () => 1 as unknown as string,
});

export const normalize = queryGeneric({
  args: { id: v.string() },
  handler: (ctx, { id }) => ctx.db.normalizeId("items", id) !== null,
});

export const storeValues = mutationGeneric({
  args: { values: v.array(v.any()) },
  handler: async (ctx, { values }) => {
    for (const value of values) await ctx.db.insert("values", { value: value as unknown });
    await ctx.db.insert("values", { value: null });
  },
});

export const valuesInOrder = queryGeneric({
  args: {},
  handler: async (ctx) =>
    (await ctx.db.query("values").withIndex("by_value").collect()).map(({ value }) => value as unknown),
});

export const filtered = queryGeneric({
  args: {},
  handler: async (ctx) =>
    (
      await ctx.db
        .query("items")
        .filter((q) => q.and(q.gt(q.field("rank"), 1), q.neq(q.field("label"), "hidden")))
        .collect()
    ).map(({ rank }) => rank as number),
});

export const whoAmI = queryGeneric({
  args: {},
  handler: async (ctx) => (await ctx.auth.getUserIdentity())?.subject ?? null,
});

export const hidden = internalMutationGeneric({ args: {}, handler: () => "hidden" });

export const byAction = actionGeneric({
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

export const schedule = mutationGeneric({
  args: { group: v.string() },
  handler: async (ctx, { group }) => {
    await ctx.scheduler.runAfter(1_000, items["add"]!, { group, rank: 1 });
    const canceled = await ctx.scheduler.runAfter(2_000, items["add"]!, { group, rank: 2 });
    await ctx.scheduler.runAfter(3_000, items["scheduleAgain"]!, { group });
    await ctx.scheduler.cancel(canceled);
  },
});

export const scheduleAgain = mutationGeneric({
  args: { group: v.string() },
  handler: (ctx, { group }) => ctx.scheduler.runAfter(1_000, items["add"]!, { group, rank: 4 }),
});

export const jobStates = queryGeneric({
  args: {},
  handler: async (ctx) => {
    const jobs = await ctx.db.system.query("_scheduled_functions").collect();
    return jobs.map(({ state }) => (state as { kind: string }).kind);
  },
});
