import { fileURLToPath } from "node:url";
import { inject, onTestFinished } from "vitest";
import { embeddedTest } from "../../embedded/testing.ts";
import type schema from "../../convex/schema.ts";
import type { TestBackend } from "./backend.ts";

const functionsDir = fileURLToPath(new URL("../../convex", import.meta.url));

/** The app on the embedded engine, in memory. Its components are those that `convex/convex.config.ts` mounts. */
export function openBackend(): TestBackend {
  const backend = embeddedTest<typeof schema>({
    functionsDir,
    mode: inject("engine") === "cloud" ? "cloud" : "local",
  });
  onTestFinished(() => backend.close());
  return backend;
}
