import { anyApi } from "convex/server";
import type { ApiFromModules } from "convex/server";
import type * as items from "./app/items.ts";

/** The functions in `app/`, as `_generated/api` would have them. */
export const api = anyApi as unknown as ApiFromModules<{ items: typeof items }>;
