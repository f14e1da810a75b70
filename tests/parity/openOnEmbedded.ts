import { fileURLToPath } from "node:url";
import type { TestConvex } from "convex-test";
import { inject, onTestFinished } from "vitest";
import { embeddedTest } from "../../embedded/testing.ts";
import type schema from "./app/schema.ts";

const functionsDir = fileURLToPath(new URL("./app", import.meta.url));

export function openApp(): TestConvex<typeof schema> {
  const backend = embeddedTest<typeof schema>({
    functionsDir,
    mode: inject("engine") === "cloud" ? "cloud" : "local",
  });
  onTestFinished(() => backend.close());
  return backend;
}
