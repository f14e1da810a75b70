import persistentTextStreaming from "@convex-dev/persistent-text-streaming/test";
import { convexTest } from "convex-test";
import type { TestConvex } from "convex-test";
import schema from "./app/schema.ts";

const modules = import.meta.glob("./app/**/*.ts");

export function openApp(): TestConvex<typeof schema> {
  const backend = convexTest({ schema, modules });
  // As `app/convex.config.ts` mounts it.
  persistentTextStreaming.register(backend);
  return backend;
}
