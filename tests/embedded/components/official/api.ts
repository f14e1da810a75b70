/** References to the functions of this app, as `_generated/api` has them. */
import { anyApi } from "convex/server";
import type { ApiFromModules } from "convex/server";
import type * as answers from "./answers.ts";
import type * as cache from "./cache.ts";
import type * as documents from "./documents.ts";
import type * as jobs from "./jobs.ts";
import type * as limits from "./limits.ts";
import type * as mails from "./mails.ts";
import type * as notes from "./notes.ts";
import type * as onboarding from "./onboarding.ts";
import type * as presence from "./presence.ts";
import type * as retries from "./retries.ts";
import type * as scores from "./scores.ts";
import type * as users from "./users.ts";
import type * as visits from "./visits.ts";

export const api = anyApi as unknown as ApiFromModules<{
  answers: typeof answers;
  cache: typeof cache;
  documents: typeof documents;
  jobs: typeof jobs;
  limits: typeof limits;
  mails: typeof mails;
  notes: typeof notes;
  onboarding: typeof onboarding;
  presence: typeof presence;
  retries: typeof retries;
  scores: typeof scores;
  users: typeof users;
  visits: typeof visits;
}>;
