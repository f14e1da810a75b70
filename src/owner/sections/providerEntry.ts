import type { FunctionArgs, FunctionReturnType } from "convex/server";
import type { api } from "../../../convex/_generated/api";
import type { ChatApi, ProviderKind } from "../../../convex/shared/providerConfig";

/** A provider as the owner's page shows it. */
export type ShownProvider = FunctionReturnType<typeof api.modelProviders.list>["providers"][number];

type SaveArgs = FunctionArgs<typeof api.modelProviders.save>;

/** What becomes of the key. */
export type KeyEntry = SaveArgs["key"];

/** What stands in the fields of a provider's form. Lists have a name a line. */
export interface TypedForm {
  kind: ProviderKind;
  id: string;
  name: string;
  baseURL: string;
  api: ChatApi;
  show: string;
  hide: string;
  add: string;
  defaultModel: string;
  /** Was anything said about models when the form was opened? */
  isChosen: boolean;
}

/** As a provider of this kind is asked unless its owner says otherwise. */
const usualApi = (kind: ProviderKind): ChatApi =>
  kind === "openai" || kind === "azure" ? "responses" : "chat";

/** The form of a new provider. `taken`: short names that others have. */
export const emptyForm = (taken: readonly string[]): TypedForm =>
  withKind(
    {
      ...{ kind: "openaiCompatible", id: "", name: "", baseURL: "", api: "chat" },
      ...{ show: "", hide: "", add: "", defaultModel: "", isChosen: false },
    },
    "openaiCompatible",
    taken,
  );

/** The form of a provider that was added on the page. */
export function formOf({ kind, id, origin }: ShownProvider): TypedForm {
  const config = origin.kind === "page" ? origin.config : null;
  const { show = [], hide = [], add = [] } = config?.models ?? {};
  const lines = (names: readonly string[]) => names.join("\n");
  return {
    ...{ kind, id, name: config?.name ?? "", baseURL: config?.baseURL ?? "" },
    ...{ api: config?.api ?? usualApi(kind), defaultModel: config?.defaultModel ?? "" },
    ...{ show: lines(show), hide: lines(hide), add: lines(add) },
    isChosen: config?.models !== undefined || config?.defaultModel !== undefined,
  };
}

/**
 * The form for another kind. Where nobody has typed a short name, that of the kind is proposed, if it is free. `taken` is null where it can no
 * longer be chosen.
 */
export function withKind(form: TypedForm, kind: ProviderKind, taken: readonly string[] | null): TypedForm {
  const proposed = (of: ProviderKind) => (of === "openaiCompatible" || taken?.includes(of) ? "" : of);
  const isOwn = taken === null || (form.id !== "" && form.id !== proposed(form.kind));
  return { ...form, kind, api: usualApi(kind), id: isOwn ? form.id : proposed(kind) };
}

const namesIn = (lines: string): string[] => lines.split(/[\n,]/).flatMap((line) => line.trim() || []);

/** As the server takes it. An API that is the kind's usual one is not set. */
export function typedConfig({ isChosen: _, api, show, hide, add, ...texts }: TypedForm): SaveArgs["config"] {
  return {
    ...texts,
    api: api === usualApi(texts.kind) ? "" : api,
    ...{ show: namesIn(show), hide: namesIn(hide), add: namesIn(add) },
  };
}
