/** The functions in `app/` in cloud mode: as a test backend, and served. */
import { fileURLToPath } from "node:url";
import { anyApi } from "convex/server";
import type { ApiFromModules } from "convex/server";
import { onTestFinished } from "vitest";
import { silentLog } from "../../../embedded/log.ts";
import { embeddedTest } from "../../../embedded/testing.ts";
import type { EmbeddedTest, EmbeddedTestOptions } from "../../../embedded/testing.ts";
import type * as functions from "./app/functions.ts";
import type * as native from "./app/native.ts";
import type schema from "./app/schema.ts";

export const APP = fileURLToPath(new URL("./app", import.meta.url));

export const api = anyApi as unknown as ApiFromModules<{
  functions: typeof functions;
  native: typeof native;
}>;

export type App = EmbeddedTest<typeof schema>;

export function openApp(cloud: EmbeddedTestOptions["cloud"] = {}): App {
  const t = embeddedTest<typeof schema>({ functionsDir: APP, mode: "cloud", cloud, log: silentLog });
  onTestFinished(() => t.close());
  return t;
}

/** Has bookings of a room made by several callers without a pause, until it is stopped. */
export function keepBooking(insert: () => Promise<unknown>, callers: number): () => Promise<void> {
  const state = { isOver: false };
  const all = Array.from({ length: callers }, async () => {
    while (!state.isOver) await insert();
  });
  return async () => {
    state.isOver = true;
    await Promise.all(all);
  };
}
