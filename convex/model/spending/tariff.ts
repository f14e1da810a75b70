import type { Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import type { Connected, Provider } from "../../providers/settings";
import { costOf } from "../../shared/costs";
import type { ModelFacts } from "../../shared/modelFacts";
import { MICRODOLLARS } from "../../shared/spending";
import type { Prices } from "../context/keptFacts";
import { factsOf } from "../context/modelFacts";
import { connectedFor } from "../keys/providerKeys";
import type { Usage } from "../validators";

/**
 * What a request to a model counts as. `none`: nobody's budget, since it is the demo, or the person's own key pays. Else it is charged in
 * dollars, or, where nobody knows the prices of a model server of one's own, in tokens.
 */
export type Tariff = { kind: "none"; ownKey: boolean } | Rate;
export type Rate = { kind: "charged"; unit: "money"; prices: Prices } | { kind: "charged"; unit: "tokens" };

/**
 * For models of a paid service whose price is not known: those of the dearest model in `providers/knownModels.ts`, so that a new model
 * cannot be used past a budget.
 */
export const ASSUMED_PRICES: Prices = { input: 15, output: 75 };

/** Of the model with this stored id, null for the default, when this person asks it. */
export async function tariffOf(
  ctx: QueryCtx,
  userId: Id<"users">,
  model: string | null,
): Promise<{ tariff: Tariff; facts: ModelFacts }> {
  const found = await factsOf(ctx, model);
  return { tariff: tariffAmong(await connectedFor(ctx, userId), model, found), facts: found.facts };
}

/** The same for a person who can use these providers, and a model of which this is known. */
export function tariffAmong(
  { providers }: Connected,
  model: string | null,
  { provider, facts }: { provider: Provider | null; facts: ModelFacts },
): Tariff {
  const hasOwnKey = (id: string) => providers.some((one) => one.id === id && one.ownKey !== undefined);
  const [first = null] = providers;
  // Which model the default is may not be known yet. Then it is one of the first provider.
  const asked = model === null && first !== null && hasOwnKey(first.id) ? first : (provider ?? first);
  if (asked === null || hasOwnKey(asked.id)) return { kind: "none", ownKey: asked !== null };
  if (facts.prices) return { kind: "charged", unit: "money", prices: facts.prices };
  if (asked.kind === "openaiCompatible") return { kind: "charged", unit: "tokens" };
  return { kind: "charged", unit: "money", prices: ASSUMED_PRICES };
}

/** What tokens are charged, in the unit; rounded up. Absent `prices`: tokens themselves. */
export function chargeOf(usage: Usage, prices: Prices | undefined): number {
  const { inputTokens = 0, outputTokens = 0 } = usage;
  if (prices === undefined) return inputTokens + outputTokens;
  return Math.ceil((costOf({ ...usage, inputTokens, outputTokens }, prices) ?? 0) * MICRODOLLARS - 1e-6);
}

export const pricesOf = (rate: Rate): Prices | undefined => (rate.unit === "money" ? rate.prices : undefined);
