import {
  actionGeneric,
  anyApi,
  internalQueryGeneric,
  mutationGeneric,
  paginationOptsValidator,
  queryGeneric,
} from "convex/server";
import { ConvexError, v } from "convex/values";

export const list = queryGeneric({
  args: { channel: v.string() },
  handler: async (ctx, { channel }) => {
    const messages = await ctx.db
      .query("messages")
      .withIndex("by_channel", (q) => q.eq("channel", channel))
      .collect();
    return messages.map(({ text }) => text as string);
  },
});

/** The same whatever is written, but for the first message. */
export const hasAny = queryGeneric({
  args: { channel: v.string() },
  handler: async (ctx, { channel }) =>
    (await ctx.db
      .query("messages")
      .withIndex("by_channel", (q) => q.eq("channel", channel))
      .first()) !== null,
});

/** The newest first: a page grows at its beginning. */
export const page = queryGeneric({
  args: { channel: v.string(), paginationOpts: paginationOptsValidator },
  handler: (ctx, { channel, paginationOpts }) =>
    ctx.db
      .query("messages")
      .withIndex("by_channel", (q) => q.eq("channel", channel))
      .order("desc")
      .paginate(paginationOpts),
});

export const mine = queryGeneric({
  args: {},
  handler: async (ctx) => {
    const identity = await ctx.auth.getUserIdentity();
    if (identity === null) return null;
    const messages = await ctx.db
      .query("messages")
      .withIndex("by_channel", (q) => q.eq("channel", identity.subject))
      .collect();
    return { identity, texts: messages.map(({ text }) => text as string) };
  },
});

export const failing = queryGeneric({
  args: { channel: v.string() },
  handler: async (ctx, { channel }) => {
    const first = await ctx.db
      .query("messages")
      .withIndex("by_channel", (q) => q.eq("channel", channel))
      .first();
    if (first !== null) throw new ConvexError({ code: "NOT_EMPTY" });
    return "empty";
  },
});

export const send = mutationGeneric({
  args: { channel: v.string(), text: v.string() },
  handler: async (ctx, message) => {
    // eslint-disable-next-line no-console -- tests look at the log line
    console.log("sending", message.text);
    await ctx.db.insert("messages", message);
    return message.text.length;
  },
});

export const sendAndFail = mutationGeneric({
  args: { channel: v.string(), text: v.string() },
  handler: async (ctx, message) => {
    await ctx.db.insert("messages", message);
    throw new ConvexError({ code: "REFUSED", size: 7n });
  },
});

export const loop = mutationGeneric({
  args: {},
  handler: () => {
    for (;;);
  },
});

export const echo = queryGeneric({
  args: { value: v.any() },
  handler: (_ctx, { value }) => value as unknown,
});

export const large = queryGeneric({
  args: { characters: v.number() },
  handler: (_ctx, { characters }) => "😀".repeat(characters / 2),
});

export const sendByAction = actionGeneric({
  args: { channel: v.string(), text: v.string() },
  handler: async (ctx, message) => {
    const length = (await ctx.runMutation(anyApi["messages"]!["send"]!, message)) as number;
    return { length, hidden: (await ctx.runQuery(anyApi["messages"]!["hidden"]!, {})) as string };
  },
});

export const now = queryGeneric({ args: {}, handler: () => Date.now() });

export const hidden = internalQueryGeneric({ args: {}, handler: () => "hidden" });

export const url = queryGeneric({ args: {}, handler: () => process.env["CONVEX_SITE_URL"] });
