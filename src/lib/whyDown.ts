import { wholeProblemText, type Problem } from "../../convex/shared/problems";
import type { Catalogue } from "../i18n/catalogue.ts";

/** Why a provider's list could not be read: in the reader's language where that is known; null if it could. */
export const whyDown = (
  { error, problem }: { error: string | null; problem?: Problem | undefined },
  { problems }: Catalogue,
): string | null => (problem ? wholeProblemText(problem, problems) : error);
