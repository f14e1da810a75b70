import { inEnglish } from "../shared/problemsInEnglish";
import type { Problem } from "../shared/problems";
import { problemOf } from "./problemOf";
import { whenToTryAgain } from "./retryAfter";

/** What happened, in words for the person who waits. Never "[object Object]", never a secret. */
export function describeError(error: unknown): string {
  const problem = problemOf(error);
  if (problem.kind !== "unknown") return describeProblem(problem);
  return problem.words ?? "The model could not answer, for a reason that it did not tell.";
}

/** The same of a problem that is known. */
export const describeProblem = (problem: Problem): string =>
  inEnglish(problem, whenToTryAgain(problem.retryAt));
