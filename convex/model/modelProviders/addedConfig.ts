import { v, type Infer } from "convex/values";
import { CHAT_APIS, PROVIDER_KINDS } from "../../shared/providerConfig";
import { vSealedKey } from "../keys/sealedKey";

/** What is stored of a provider that the owner's page has added. Validators alone, which the schema needs too. */

const vNames = v.optional(v.array(v.string()));

/** As in `verbatim.config.json`, without its key. */
export const vAddedConfig = v.object({
  id: v.string(),
  kind: v.union(...PROVIDER_KINDS.map((kind) => v.literal(kind))),
  name: v.optional(v.string()),
  baseURL: v.optional(v.string()),
  api: v.optional(v.union(...CHAT_APIS.map((api) => v.literal(api)))),
  models: v.optional(v.object({ show: vNames, hide: vNames, add: vNames })),
  defaultModel: v.optional(v.string()),
});
export type AddedConfig = Infer<typeof vAddedConfig>;

/** With its key, sealed; absent while it has none. */
export const vAdded = v.object({ config: vAddedConfig, sealed: v.optional(vSealedKey) });
export type Added = Infer<typeof vAdded>;
