/** Workpool as its README shows it: retried actions with an `onComplete`, and serial mutations. */
import { Workpool, type WorkId, type WorkpoolComponent } from "@convex-dev/workpool";
import {
  anyApi,
  componentsGeneric,
  internalActionGeneric,
  internalMutationGeneric,
  mutationGeneric,
  queryGeneric,
  type ApiFromModules,
} from "convex/server";
import { v, type GenericId as Id } from "convex/values";
import type * as self from "./emails.ts";

const { emails } = anyApi as unknown as ApiFromModules<{ emails: typeof self }>;
const components = componentsGeneric() as unknown as Record<
  "emailWorkpool" | "counterWorkpool",
  WorkpoolComponent
>;

const emailPool = new Workpool(components.emailWorkpool, {
  maxParallelism: 3,
  retryActionsByDefault: true,
  defaultRetryBehavior: { maxAttempts: 3, initialBackoffMs: 20, base: 2 },
});
const counterPool = new Workpool(components.counterWorkpool, { maxParallelism: 1 });

export const signUp = mutationGeneric({
  args: { to: v.array(v.string()), delayMs: v.optional(v.number()) },
  handler: async (ctx, { to, delayMs = 0 }): Promise<WorkId[]> =>
    await Promise.all(
      to.map((address) =>
        emailPool.enqueueAction(
          ctx,
          emails.send,
          { to: address },
          { onComplete: emails.sent, context: { to: address }, runAfter: delayMs },
        ),
      ),
    ),
});

/** `flaky@…` fails at the first attempt, `broken@…` always. */
export const send = internalActionGeneric({
  args: { to: v.string() },
  returns: v.string(),
  handler: async (ctx, { to }): Promise<string> => {
    const attempt: number = await ctx.runMutation(emails.beginAttempt, { to });
    if (to.startsWith("broken") || (to.startsWith("flaky") && attempt === 1)) throw new Error("no such host");
    return `sent to ${to}`;
  },
});

export const beginAttempt = internalMutationGeneric({
  args: { to: v.string() },
  handler: async (ctx, { to }): Promise<number> => {
    const attempts = await ctx.db
      .query("attempts")
      .withIndex("by_to", (q) => q.eq("to", to))
      .unique();
    if (attempts === null) {
      await ctx.db.insert("attempts", { to, count: 1 });
      return 1;
    }
    const count = (attempts.count as number) + 1;
    await ctx.db.patch("attempts", attempts._id as Id<"attempts">, { count });
    return count;
  },
});

export const sent = emailPool.defineOnComplete({
  context: v.object({ to: v.string() }),
  handler: async (ctx, { context, result }) => {
    const detail = { success: "returnValue", failed: "error", canceled: "" }[result.kind];
    await ctx.db.insert("emailLog", {
      to: context.to,
      kind: result.kind,
      detail: ((result as Record<string, unknown>)[detail] as string | undefined) ?? null,
    });
  },
});

export const log = queryGeneric({
  args: {},
  handler: async (ctx) =>
    (await ctx.db.query("emailLog").withIndex("by_to").collect()).map(
      ({ to, kind, detail }) => [to, kind, detail] as [to: string, kind: string, detail: string | null],
    ),
});

export const attempts = queryGeneric({
  args: {},
  handler: async (ctx) =>
    Object.fromEntries(
      (await ctx.db.query("attempts").collect()).map(({ to, count }) => [to as string, count as number]),
    ),
});

export const status = queryGeneric({
  args: { ids: v.array(v.string()) },
  handler: async (ctx, { ids }) =>
    (await emailPool.statusBatch(ctx, ids as WorkId[])).map(({ state }) => state),
});

export const cancel = mutationGeneric({
  args: { id: v.string() },
  handler: async (ctx, { id }) => {
    await emailPool.cancel(ctx, id as WorkId);
  },
});

export const count = mutationGeneric({
  args: { times: v.number() },
  handler: async (ctx, { times }) => {
    await counterPool.enqueueMutationBatch(
      ctx,
      emails.increment,
      Array.from({ length: times }, () => ({})),
    );
  },
});

export const increment = internalMutationGeneric({
  args: {},
  handler: async (ctx) => {
    const counter = await ctx.db.query("counter").unique();
    if (counter === null) await ctx.db.insert("counter", { value: 1 });
    else
      await ctx.db.patch("counter", counter._id as Id<"counter">, { value: (counter.value as number) + 1 });
  },
});

export const counted = queryGeneric({
  args: {},
  handler: async (ctx) => ((await ctx.db.query("counter").unique())?.value ?? 0) as number,
});
