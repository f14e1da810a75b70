import type { AuthConfig } from "convex/server";

/** The deployment itself issues the guests' tokens and publishes their keys (`convex/http.ts`). */
export default {
  providers: [{ domain: process.env.CONVEX_SITE_URL ?? "", applicationID: "convex" }],
} satisfies AuthConfig;
