import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export default defineSchema({
  /** What callbacks were told, and what was run: by name, in order. */
  notes: defineTable({ name: v.string(), detail: v.any() }).index("by_name", ["name"]),
  scores: defineTable({ game: v.string(), player: v.string(), score: v.number() }),
  users: defineTable({ name: v.string(), plan: v.optional(v.string()) }),
});
