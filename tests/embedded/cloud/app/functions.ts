/** Functions that contend with each other in the ways that textbooks name. */
import { actionGeneric, anyApi, mutationGeneric, queryGeneric } from "convex/server";
import type { DataModelFromSchemaDefinition, MutationBuilder, QueryBuilder } from "convex/server";
import { v } from "convex/values";
import type schema from "./schema.ts";

type DataModel = DataModelFromSchemaDefinition<typeof schema>;
const mutation = mutationGeneric as MutationBuilder<DataModel, "public">;
const query = queryGeneric as QueryBuilder<DataModel, "public">;
const self = anyApi["functions"]!;

/** Reads and writes one document. */
export const increment = mutation({
  args: { name: v.string() },
  handler: async (ctx, { name }) => {
    const counter = await ctx.db
      .query("counters")
      .withIndex("by_name", (q) => q.eq("name", name))
      .unique();
    // eslint-disable-next-line no-console -- tests look at the log line
    console.log("counted");
    if (counter === null) {
      await ctx.db.insert("counters", { name, value: 1 });
      return 1;
    }
    await ctx.db.patch(counter._id, { value: counter.value + 1 });
    return counter.value + 1;
  },
});

export const valueOf = query({
  args: { name: v.string() },
  handler: async (ctx, { name }) => {
    const counter = await ctx.db
      .query("counters")
      .withIndex("by_name", (q) => q.eq("name", name))
      .unique();
    return counter?.value ?? 0;
  },
});

export const hire = mutation({
  args: { name: v.string() },
  handler: (ctx, { name }) => ctx.db.insert("doctors", { name, onCall: true }),
});

/** A doctor may leave while another one stays: reads what others write, and writes something else. */
export const leave = mutation({
  args: { id: v.id("doctors") },
  handler: async (ctx, { id }) => {
    const onCall = await ctx.db
      .query("doctors")
      .withIndex("by_onCall", (q) => q.eq("onCall", true))
      .collect();
    if (onCall.length < 2) return false;
    await ctx.db.patch(id, { onCall: false });
    return true;
  },
});

/** Books if nothing overlaps: reads a range that may be empty. */
export const book = mutation({
  args: { room: v.string(), from: v.number(), to: v.number(), slot: v.number() },
  handler: async (ctx, { room, from, to, slot }) => {
    const taken = await ctx.db
      .query("bookings")
      .withIndex("by_room_slot", (q) => q.eq("room", room).gte("slot", from).lt("slot", to))
      .first();
    if (taken !== null) return false;
    await ctx.db.insert("bookings", { room, slot });
    return true;
  },
});

/** Inserts without a look at anything: conflicts with nobody, others with it. */
export const insertBooking = mutation({
  args: { room: v.string(), slot: v.number() },
  handler: async (ctx, booking) => {
    await ctx.db.insert("bookings", booking);
  },
});

/** Reads all bookings of a room and writes what nobody else does. */
export const audit = mutation({
  args: { room: v.string() },
  handler: async (ctx, { room }) => {
    const bookings = await ctx.db
      .query("bookings")
      .withIndex("by_room_slot", (q) => q.eq("room", room))
      .collect();
    await ctx.db.insert("counters", { name: `audit of ${room}`, value: bookings.length });
  },
});

/** Fails by what it has read. */
export const refuseWhenBooked = mutation({
  args: { room: v.string() },
  handler: async (ctx, { room }) => {
    const booking = await ctx.db
      .query("bookings")
      .withIndex("by_room_slot", (q) => q.eq("room", room))
      .first();
    throw new Error(booking === null ? "free" : "booked");
  },
});

/** Reads only. */
export const look = mutation({
  args: { room: v.string() },
  handler: async (ctx, { room }) => {
    const bookings = await ctx.db
      .query("bookings")
      .withIndex("by_room_slot", (q) => q.eq("room", room))
      .collect();
    return bookings.length;
  },
});

export const schedule = mutation({
  args: { name: v.string(), args: v.any(), count: v.number() },
  handler: async (ctx, { name, args, count }) => {
    for (let i = 0; i < count; i++) await ctx.scheduler.runAfter(0, self[name] as never, args as never);
  },
});

export const jobs = query({
  args: {},
  handler: async (ctx) => {
    const states = (await ctx.db.system.query("_scheduled_functions").collect()).map(({ state }) => state);
    return states.map((state) => (state.kind === "failed" ? state.error : state.kind));
  },
});

/** Counts itself, then stays until the gate is open. */
export const wait = actionGeneric({
  args: {},
  handler: async (ctx) => {
    await ctx.runMutation(self["insertBooking"] as never, { room: "waiting", slot: 0 } as never);
    while ((await ctx.runQuery(self["valueOf"] as never, { name: "gate" } as never)) === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  },
});

/** Calls a mutation and says what it throws, if it can be caught. */
export const auditByAction = actionGeneric({
  args: { room: v.string() },
  handler: async (ctx, args) => {
    try {
      await ctx.runMutation(self["audit"] as never, args as never);
      return "done";
    } catch (error) {
      return `caught: ${(error as Error).message}`;
    }
  },
});

export const fillMemory = actionGeneric({
  args: { mebibytes: v.number() },
  handler: async (_ctx, { mebibytes }) => {
    const kept: number[][] = [];
    // 131,072 doubles are a mebibyte.
    for (let i = 0; i < mebibytes; i++) {
      kept.push(Array.from({ length: 131_072 }, (_, j) => i + j / 2));
      await Promise.resolve();
    }
    return kept.length;
  },
});
