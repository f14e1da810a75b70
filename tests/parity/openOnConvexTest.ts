import { convexTest } from "convex-test";
import type { TestConvex } from "convex-test";
import schema from "./app/schema.ts";

const modules = import.meta.glob("./app/**/*.ts");

export function openApp(): TestConvex<typeof schema> {
  return convexTest({ schema, modules });
}
