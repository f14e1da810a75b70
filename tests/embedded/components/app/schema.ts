import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export default defineSchema({
  /** One for each email that the pool is done with: written by `onComplete`. */
  emailLog: defineTable({ to: v.string(), kind: v.string(), detail: v.union(v.string(), v.null()) }).index(
    "by_to",
    ["to"],
  ),
  /** How often an action was begun for an address. */
  attempts: defineTable({ to: v.string(), count: v.number() }).index("by_to", ["to"]),
  /** One document. */
  counter: defineTable({ value: v.number() }),
});
