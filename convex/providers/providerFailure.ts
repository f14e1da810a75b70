import type { Problem } from "../shared/problems";
import { inEnglish } from "../shared/problemsInEnglish";

/** A request to a model server that failed for a reason which is known. */
export class ProviderFailure extends Error {
  constructor(
    readonly problem: Problem,
    options?: ErrorOptions,
  ) {
    super(inEnglish(problem), options);
    this.name = "ProviderFailure";
  }
}
