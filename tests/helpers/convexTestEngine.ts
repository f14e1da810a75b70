import { convexTest } from "convex-test";
import schema from "../../convex/schema.ts";
import type { TestBackend } from "./backend.ts";

/** All function modules, and `_generated`, by which convex-test finds the root. Declarations hold no code. */
const modules = import.meta.glob(["../../convex/**/*.{ts,js}", "!../../convex/**/*.d.ts"]);

/** The app on convex-test. */
export function openBackend(): TestBackend {
  return convexTest({ schema, modules });
}
