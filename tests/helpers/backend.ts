/**
 * One way to open a backend for a suite of function tests, on whichever engine the vitest project names: convex-test
 * (project `convex`), the embedded backend (project `parity`), or that in cloud mode (project `cloud`). A suite that passes on
 * one only shows that one is wrong.
 */
import type { TestConvex } from "convex-test";
import { inject } from "vitest";
import type schema from "../../convex/schema.ts";

declare module "vitest" {
  interface ProvidedContext {
    engine: "convex-test" | "embedded" | "cloud";
  }
}

export type TestBackend = TestConvex<typeof schema>;

/** Loaded by need only: convex-test's project has no Node built-ins, and the embedded one needs no module glob. */
const { openBackend } =
  inject("engine") === "convex-test"
    ? await import("./convexTestEngine.ts")
    : await import("./embeddedEngine.ts");

/** A fresh, empty backend for one test. It is closed when the test ends. */
export function newBackend(): TestBackend {
  return openBackend();
}
