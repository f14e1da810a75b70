import {
  internalMutationGeneric,
  internalQueryGeneric,
  makeFunctionReference,
  mutationGeneric,
  queryGeneric,
  type GenericDataModel,
  type GenericMutationCtx,
} from "convex/server";
import { ConvexError, v } from "convex/values";

export const texts = queryGeneric(async (ctx) =>
  (await ctx.db.query("notes").collect()).map(({ text }) => text as string),
);

export const who = queryGeneric(async (ctx) => (await ctx.auth.getUserIdentity())?.subject ?? null);

export const secret = internalQueryGeneric(async () => "internal");

export const add = mutationGeneric({
  args: { text: v.string() },
  handler: async (ctx, { text }) => {
    await ctx.db.insert("notes", { text });
    return null;
  },
});

/** Notes who it runs for. */
export const addCaller = internalMutationGeneric(async (ctx) => {
  await ctx.db.insert("notes", { text: (await ctx.auth.getUserIdentity())?.subject ?? "nobody" });
});

export const addPoint = mutationGeneric({
  args: { at: v.array(v.float64()), kind: v.string() },
  handler: (ctx, point) => ctx.db.insert("points", point),
});

export const refuse = mutationGeneric({
  args: { text: v.string() },
  handler: async (ctx, { text }) => {
    await ctx.db.insert("notes", { text });
    throw new ConvexError({ code: "REFUSED", text });
  },
});

/** Schedules `count` calls of a function. */
export const schedule = mutationGeneric({
  args: { name: v.string(), args: v.any(), delayMs: v.number(), count: v.number(), fail: v.boolean() },
  handler: async (ctx, { name, args, delayMs, count, fail }) => {
    const ids: string[] = [];
    for (let i = 0; i < count; i++) {
      ids.push(await ctx.scheduler.runAfter(delayMs, makeFunctionReference<"mutation">(name), args));
    }
    if (fail) throw new Error("taken back");
    return ids;
  },
});

export const scheduleAt = mutationGeneric({
  args: { name: v.string(), args: v.any(), time: v.number() },
  handler: async (ctx, { name, args, time }): Promise<string> =>
    ctx.scheduler.runAt(time, makeFunctionReference<"mutation">(name), args),
});

export const cancel = mutationGeneric({
  args: { id: v.string() },
  handler: async (ctx, { id }) => {
    await ctx.scheduler.cancel(id as never);
    return null;
  },
});

/** Cancels the scheduled functions that are pending or in progress, and writes. */
export const cancelAll = mutationGeneric(async (ctx) => {
  const jobs = await ctx.db.system.query("_scheduled_functions").collect();
  for (const { _id, state } of jobs) {
    if (state.kind === "pending" || state.kind === "inProgress") await ctx.scheduler.cancel(_id);
  }
  await ctx.db.insert("notes", { text: "canceled all" });
});

async function cancelOwnJob(ctx: GenericMutationCtx<GenericDataModel>): Promise<void> {
  for await (const { _id, state } of ctx.db.system.query("_scheduled_functions")) {
    if (state.kind === "inProgress") await ctx.scheduler.cancel(_id);
  }
}

/** Schedules before and after it cancels the job that it runs for. */
export const cancelSelfAndSchedule = mutationGeneric(async (ctx) => {
  const add = makeFunctionReference<"mutation">("notes:add");
  await ctx.scheduler.runAfter(0, add, { text: "before" });
  await cancelOwnJob(ctx);
  await ctx.scheduler.runAfter(0, add, { text: "after" });
});

export const cancelSelfAndThrow = mutationGeneric(async (ctx) => {
  await cancelOwnJob(ctx);
  throw new Error("thrown");
});

export const jobs = queryGeneric(async (ctx) => ctx.db.system.query("_scheduled_functions").collect());

export const job = queryGeneric({
  args: { id: v.id("_scheduled_functions") },
  handler: async (ctx, { id }) => ctx.db.system.get(id),
});

export const file = queryGeneric({
  args: { id: v.id("_storage") },
  handler: async (ctx, { id }) => ({
    document: await ctx.db.system.get(id),
    url: await ctx.storage.getUrl(id),
  }),
});

export const uploadUrl = mutationGeneric(async (ctx) => ctx.storage.generateUploadUrl());

export const removeFile = mutationGeneric({
  args: { id: v.id("_storage"), fail: v.boolean() },
  handler: async (ctx, { id, fail }) => {
    await ctx.storage.delete(id);
    if (fail) throw new Error("taken back");
    return null;
  },
});
