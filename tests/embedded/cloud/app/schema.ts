import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export default defineSchema({
  counters: defineTable({ name: v.string(), value: v.number() }).index("by_name", ["name"]),
  doctors: defineTable({ name: v.string(), onCall: v.boolean() }).index("by_onCall", ["onCall"]),
  bookings: defineTable({ room: v.string(), slot: v.number() }).index("by_room_slot", ["room", "slot"]),
});
