import { v, type Infer } from "convex/values";
import { MAX_MODEL_ID_CHARS } from "../../shared/limits";
import { readProviderConfig, type ProviderConfig } from "../../shared/providerConfig";

/** What the owner has typed, by the rules of `verbatim.config.json` and a few of the page's own. */

/** Empty texts are fields that are not set. */
export const vTypedConfig = v.object({
  id: v.string(),
  kind: v.string(),
  name: v.string(),
  baseURL: v.string(),
  api: v.string(),
  show: v.array(v.string()),
  hide: v.array(v.string()),
  add: v.array(v.string()),
  defaultModel: v.string(),
});
type TypedConfig = Infer<typeof vTypedConfig>;

export const vFieldFault = v.object({
  /** Of `verbatim.config.json`: `id`, `baseURL`, `models.show`, … */
  field: v.string(),
  message: v.string(),
  /** Which rule it breaks, where the page has words of its own for it. */
  rule: v.optional(
    v.union(
      v.literal("id"),
      v.literal("idTaken"),
      v.literal("address"),
      v.literal("addressNeeded"),
      v.literal("addressWithSecret"),
      v.literal("tooLong"),
      v.literal("key"),
      v.literal("keyNeeded"),
      v.literal("noSecret"),
    ),
  ),
});
export type FieldFault = Infer<typeof vFieldFault>;

/** Characters of a name and of an address, and of all models' names together: as many as a variable on Convex may have. */
const MAX_NAME_CHARS = 80;
const MAX_ADDRESS_CHARS = 500;
const MAX_MODELS_CHARS = 8_000;

/** `config` where nothing is wrong. */
export function readTyped(
  typed: TypedConfig,
): { config: ProviderConfig; faults: [] } | { config: null; faults: FieldFault[] } {
  const { providers, faults: found } = readProviderConfig([entryOf(typed)]);
  const faults = found.map(({ path, message, rule }): FieldFault => {
    const field = rule === "addressNeeded" ? "baseURL" : path.slice(1).join(".");
    return { field, message, ...(rule && { rule }) };
  });
  const [config] = providers;
  if (config !== undefined) faults.push(...faultsOfPage(config));
  return config === undefined || faults.length > 0 ? { config: null, faults } : { config, faults: [] };
}

function entryOf({ show, hide, add, ...texts }: TypedConfig): Record<string, unknown> {
  const fields = Object.entries(texts).map(([name, text]) => [name, text.trim()] as const);
  const lists = Object.entries({ show, hide, add }).map(([name, list]) => {
    const names = list.map((text) => text.trim()).filter((text) => text !== "");
    return [name, [...new Set(names)]] as const;
  });
  const models = Object.fromEntries(lists.filter(([, names]) => names.length > 0));
  return {
    ...Object.fromEntries(fields.filter(([name, text]) => text !== "" || name === "id" || name === "kind")),
    ...(Object.keys(models).length > 0 && { models }),
  };
}

function faultsOfPage({
  name = "",
  baseURL = "",
  models = {},
  defaultModel = "",
}: ProviderConfig): FieldFault[] {
  const tooLong = (field: string, text: string, most: number): FieldFault[] =>
    text.length <= most ? [] : [{ field, message: `At most ${most} characters.`, rule: "tooLong" }];
  const names = [models.show, models.hide, models.add].flatMap((list) => list ?? []).join("\n");
  const addressFault: FieldFault = {
    ...{ field: "baseURL", rule: "addressWithSecret" },
    message: "An address with a user, a password or a query is set in verbatim.config.json.",
  };
  return [
    ...tooLong("name", name, MAX_NAME_CHARS),
    ...tooLong("baseURL", baseURL, MAX_ADDRESS_CHARS),
    ...tooLong("models", names, MAX_MODELS_CHARS),
    ...tooLong("defaultModel", defaultModel, MAX_MODEL_ID_CHARS),
    ...(mayHoldSecret(baseURL) ? [addressFault] : []),
  ];
}

/** The page shows addresses, and some gateways take their keys in them. Azure's older API wants its version there. */
function mayHoldSecret(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { username, password, searchParams } = new URL(address);
  return `${username}${password}` !== "" || [...searchParams.keys()].some((name) => name !== "api-version");
}
