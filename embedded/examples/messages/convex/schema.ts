import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export default defineSchema({ messages: defineTable({ author: v.string(), text: v.string() }) });
