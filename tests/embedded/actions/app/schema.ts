import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export default defineSchema({
  notes: defineTable({ text: v.string() }),
  stamps: defineTable({ at: v.commitTs() }).index("by_at", ["at"]),
  points: defineTable({ at: v.array(v.float64()), kind: v.string() }).vectorIndex("by_at", {
    vectorField: "at",
    dimensions: 2,
    filterFields: ["kind"],
  }),
});
