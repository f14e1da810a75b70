import persistentTextStreaming from "@convex-dev/persistent-text-streaming/test";
import rateLimiter from "@convex-dev/rate-limiter/test";
import { convexTest } from "convex-test";
import schema from "../../convex/schema.ts";
import type { TestBackend } from "./backend.ts";

/** All function modules, and `_generated`, by which convex-test finds the root. Declarations hold no code. */
const modules = import.meta.glob(["../../convex/**/*.{ts,js}", "!../../convex/**/*.d.ts"]);

/** The app on convex-test, with the components of `convex/convex.config.ts` registered under their mounted names. */
export function openBackend(): TestBackend {
  const backend = convexTest({ schema, modules });
  persistentTextStreaming.register(backend);
  rateLimiter.register(backend);
  return backend;
}
