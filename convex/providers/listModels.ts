import { keptFacts, type KeptFacts } from "../model/context/keptFacts";
import { log } from "../model/log";
import { isFor } from "../model/modelAccess";
import { withoutSecrets } from "../model/secrets";
import { namedModels } from "../model/settings";
import type { ModelChoice, ProviderState } from "../model/validators";
import type { ModelFacts } from "../shared/modelFacts";
import type { Problem } from "../shared/problems";
import { inEnglish } from "../shared/problemsInEnglish";
import type { ProviderKind } from "../shared/providerConfig";
import { keepDefault, rememberedDefault } from "./defaultModels";
import { matchesStoredId } from "../shared/modelPatterns";
import { DEMO_MODEL } from "./demoReplies";
import { effortsOf } from "./efforts";
import { fetchModels } from "./fetchModels";
import { knownFacts } from "./knownModels";
import { isOpenaiChatModel, offered, type ListedModel } from "./listedModels";
import { modelOfId, ownId, storedId } from "./modelIds";
import { ProviderFailure } from "./providerFailure";
import { ofProvider } from "./ofProvider";
import { isShown, preferredOf, type Connected, type Provider } from "./settings";

export type ModelList = {
  models: ModelChoice[];
  providers: ProviderState[];
  defaultModel: string | null;
  connected: boolean;
  error: string | null;
};

/** What one provider has. `error`: why its list could not be read. */
export type ProviderModels = {
  provider: Provider;
  /** As the provider names them. */
  models: (ModelFacts & { id: string })[];
  /** The ids of those that it lists itself; the others are named by the owner. */
  listed: string[];
  defaultModel: string | null;
  error: string | null;
  /** What that is, where it is known. */
  problem: Problem | null;
};

const NOTHING_SHOWN = "No model is set up for you here. Ask whoever runs this server.";

/** As many as a result of a function may hold. */
const MAX_MODELS = 8_000;

/** The models of all these providers. Never rejects: a list that cannot be read leaves the default to choose, and hides no other. */
export async function listModels({ providers, fault }: Connected): Promise<ModelList> {
  if (providers.length === 0 && fault === null) {
    const models = [{ ...DEMO_MODEL, provider: DEMO_MODEL.id }];
    return { models, providers: [], defaultModel: DEMO_MODEL.id, connected: false, error: null };
  }
  return listOf(await listProviders(providers), fault);
}

/** Asks each provider for its models, all at the same time. Never rejects. */
export async function listProviders(providers: readonly Provider[]): Promise<ProviderModels[]> {
  return await Promise.all(providers.map(modelsOf));
}

/** What each provider whose list could be read has, by its own names, and what is kept of what is known of that. */
export function listedIds({
  models,
  providers,
}: ModelList): { provider: string; ids: string[]; facts: KeptFacts[] }[] {
  return providers
    .filter(({ error }) => error === null)
    .map(({ id }) => {
      const own = models
        .filter((model) => model.provider === id)
        .map((model) => ({ ...model, id: ownId({ id }, model.id) }));
      const facts = own.map((model) => keptFacts(model.id, model)).filter((kept) => kept !== null);
      return { provider: id, ids: own.map((model) => model.id), facts };
    });
}

/** What the page is told of what the providers said. `fault`: what is wrong with the settings. */
export function listOf(lists: readonly ProviderModels[], fault: string | null = null): ModelList {
  const all = lists.flatMap(({ provider, models }) =>
    models.map(({ id, name = id, ...facts }) => ({
      ...{ id: storedId(provider, id), name, provider: provider.id },
      ...facts,
    })),
  );
  if (all.length > MAX_MODELS) {
    log(
      "MODELS",
      `The server has ${all.length} models; ${MAX_MODELS} are shown. VERBATIM_MODELS can name others`,
    );
  }
  const down = lists.flatMap(({ provider, error }) =>
    error === null ? [] : [lists.length === 1 ? error : `${provider.name}: ${error}`],
  );
  const error = [...(fault === null ? [] : [fault]), ...down].join("\n");
  return {
    models: all.slice(0, MAX_MODELS),
    providers: lists.map((list) => ({ id: list.provider.id, name: list.provider.name, ...faultOf(list) })),
    defaultModel: defaultOf(lists),
    connected: true,
    error: error === "" ? null : error,
  };
}

/** Why a list could not be read, as the page is told it. */
export const faultOf = ({ error, problem }: Pick<ProviderModels, "error" | "problem">) => ({
  error,
  ...(problem && { problem }),
});

function defaultOf(lists: readonly ProviderModels[]): string | null {
  const first = lists.find(({ defaultModel }) => defaultModel !== null);
  return first === undefined ? null : storedId(first.provider, first.defaultModel ?? "");
}

/**
 * The stored id of the model that answers where none is chosen. Asks a provider only where its owner names no default and its list was not
 * read lately. When there is none it rejects: with a `ProviderFailure` where the first provider that has none said why, else with an Error.
 */
export async function defaultModel(
  { providers, fault }: Connected,
  shown: readonly string[] | null = null,
): Promise<string> {
  const failures = fault === null ? [] : [new Error(fault)];
  for (const provider of providers) {
    const {
      defaultModel: own,
      error,
      problem,
    } = provider.defaultModel === null
      ? await rememberedDefault(provider, () => modelsOf(provider))
      : { ...provider, error: null, problem: null };
    if (own !== null && isFor(provider, own, shown)) return storedId(provider, own);
    const other = shown === null ? undefined : await firstShown(provider, shown);
    if (other !== undefined) return storedId(provider, other);
    if (error !== null) failures.push(problem === null ? new Error(error) : new ProviderFailure(problem));
  }
  const none = shown === null ? "No connected provider has a model that can chat." : NOTHING_SHOWN;
  throw failures[0] ?? new Error(none);
}

const firstShown = async (provider: Provider, shown: readonly string[]): Promise<string | undefined> =>
  (await modelsOf(provider)).models.map(({ id }) => id).find((id) => isFor(provider, id, shown));

/** What of a list is there for whom only these models are shown, and those of the providers of their own keys; null: all. */
export function shownOf(
  list: ModelList,
  shown: readonly string[] | null,
  own: readonly string[] = [],
): ModelList {
  if (shown === null) return list;
  const models = list.models.filter(
    ({ id, provider }) => own.includes(provider) || matchesStoredId(id, shown),
  );
  const hasDefault = models.some(({ id }) => id === list.defaultModel);
  return { ...list, models, defaultModel: hasDefault ? list.defaultModel : (models[0]?.id ?? null) };
}

/** What one provider has. Never rejects. */
export async function modelsOf(provider: Provider): Promise<ProviderModels> {
  const { kind, models: owner } = provider;
  // What Azure lists are all models that there are, and not the owner's deployments.
  const listed = kind === "azure" ? NOTHING_LISTED : await tryFetch(provider);
  const facts = new Map(listed.models.map((model) => [model.id, model.facts]));
  const ids = shownIds(provider, listed.models);
  const all = [...new Set([...ids, ...owner.add, ...namedFor(provider)])];
  const defaultModel = provider.defaultModel ?? preferredOf(provider, all);
  if (defaultModel !== null && !all.includes(defaultModel)) all.unshift(defaultModel);
  if (listed.error === null) keepDefault(provider, defaultModel);
  const { error, problem } = listed.error === null && all.length === 0 ? nothingListed(provider) : listed;
  return {
    provider,
    models: all.map((id) => withEfforts(kind, { id, ...knownFacts(kind, id), ...facts.get(id) })),
    listed: ids,
    defaultModel,
    error,
    problem,
  };
}

type Listed = ProviderModels["models"][number];

function withEfforts(kind: ProviderKind, { efforts: listed, ...model }: Listed): Listed {
  const efforts = effortsOf(kind, model.id, { ...model, ...(listed && { efforts: listed }) });
  return efforts.length === 0 ? model : { ...model, efforts };
}

/** What `VERBATIM_MODELS` names of this provider. */
const namedFor = (provider: Provider): string[] =>
  namedModels().flatMap((id) => {
    const named = modelOfId(id, [provider]);
    return named === null || storedId(provider, named.modelId) !== id ? [] : [named.modelId];
  });

/** Those that can chat and that the owner shows, in the order in which they are offered. */
function shownIds(provider: Provider, models: readonly ListedModel[]): string[] {
  const ids = offered(models).filter((id) => isShown(id, provider.models));
  // OpenAI lists everything that it has.
  return provider.kind === "openai" ? ids.filter(isOpenaiChatModel).sort() : ids;
}

type ListRead = Pick<ProviderModels, "error" | "problem"> & { models: ListedModel[] };

const NOTHING_LISTED: ListRead = { models: [], error: null, problem: null };

async function tryFetch(provider: Provider): Promise<ListRead> {
  try {
    return { ...NOTHING_LISTED, models: await fetchModels(provider) };
  } catch (error) {
    const problem = error instanceof ProviderFailure ? ofProvider(error.problem, provider) : null;
    const told = problem === null ? error : new ProviderFailure(problem);
    const words = withoutSecrets(told instanceof Error ? told.message : String(told));
    return { ...NOTHING_LISTED, error: words, problem };
  }
}

function nothingListed({ kind, server, settings }: Provider): Pick<ProviderModels, "error" | "problem"> {
  const problem: Problem =
    kind === "azure"
      ? { kind: "noDeployments", settings }
      : { kind: "noModels", address: server.baseURL, settings };
  return { error: inEnglish(problem), problem };
}
