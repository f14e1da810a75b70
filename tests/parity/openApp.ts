/** The functions in `app/` on the engine of this vitest project. */
import type { TestConvex } from "convex-test";
import { inject } from "vitest";
import type {} from "../helpers/backend.ts";
import type schema from "./app/schema.ts";

const { openApp } =
  inject("engine") === "convex-test"
    ? await import("./openOnConvexTest.ts")
    : await import("./openOnEmbedded.ts");

export function newApp(): TestConvex<typeof schema> {
  return openApp();
}
