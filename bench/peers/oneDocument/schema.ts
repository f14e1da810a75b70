import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export default defineSchema({
  messages: defineTable({ prompt: v.string(), body: v.string(), isDone: v.boolean() }),
});
