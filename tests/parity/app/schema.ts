import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export default defineSchema({
  items: defineTable({
    group: v.string(),
    rank: v.number(),
    label: v.optional(v.string()),
    other: v.optional(v.id("items")),
  })
    .index("by_group_rank", ["group", "rank"])
    .index("by_label", ["label"]),
  values: defineTable({ value: v.any() }).index("by_value", ["value"]),
});
