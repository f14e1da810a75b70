import { anyApi } from "convex/server";
import type { ApiFromModules } from "convex/server";
import type * as messages from "./app/messages.ts";

/** The functions in `app/`, as `_generated/api` would have them. */
export const api = anyApi as unknown as ApiFromModules<{ messages: typeof messages }>;
