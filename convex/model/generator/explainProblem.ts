import { looksLikeChat } from "../../providers/listedModels";
import { modelsOf } from "../../providers/listModels";
import { ownId, providerOfId } from "../../providers/modelIds";
import { ofProvider } from "../../providers/ofProvider";
import type { Connected } from "../../providers/settings";
import type { ChatSettings } from "../../shared/chatSettings";
import type { Problem } from "../../shared/problems";
import { aboutSetting } from "./aboutSetting";

/** Models that are named; a server may have hundreds. */
const MAX_NAMED = 8;

/**
 * A problem with the model that has this stored id (null: the default), of these providers, in a chat with these settings: with
 * what is to be set, and for a model that its provider does not have, which are there. Never rejects.
 */
export async function explainProblem(
  problem: Problem,
  model: string | null,
  { connected, settings }: { connected: Connected; settings: ChatSettings },
): Promise<Problem> {
  const provider = providerOfId(model, connected.providers);
  if (provider === null) return problem;
  const told = ofProvider(aboutSetting(problem, settings), provider);
  if (problem.kind !== "modelMissing") return told;
  // Not every API's requests name their model.
  const asked = problem.model ?? (model === null ? undefined : ownId(provider, model));
  const named = { ...told, ...(asked !== undefined && { model: asked }) };
  const { listed, error } = await modelsOf(provider);
  const there = listed.filter((id) => id !== asked && looksLikeChat(id));
  if (error !== null || there.length === 0) return named;
  const moreModels = Math.max(0, there.length - MAX_NAMED);
  return { ...named, models: there.slice(0, MAX_NAMED), moreModels };
}
