import { listModels } from "../../providers/listModels";
import type { Problem } from "../../shared/problems";

/** Models that are named; a server may have hundreds. */
const MAX_NAMED = 8;

/** For a model that its server does not have: which are there. Any other problem stays as it is. Never rejects. */
export async function withModelsThere(problem: Problem): Promise<Problem> {
  if (problem.kind !== "modelMissing") return problem;
  const { models, error } = await listModels();
  const there = models.map(({ id }) => id).filter((id) => id !== problem.model);
  if (error !== null || there.length === 0) return problem;
  const moreModels = Math.max(0, there.length - MAX_NAMED);
  return { ...problem, models: there.slice(0, MAX_NAMED), moreModels };
}
