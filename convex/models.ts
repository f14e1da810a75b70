import { v } from "convex/values";
import { viewerAction } from "./model/functions";
import { vModel } from "./model/validators";
import { listModels } from "./providers/listModels";

/**
 * The models that can be chosen. `connected` is false while only the built-in demo model is there. `error` says in words
 * why a connected server's list could not be read.
 */
export const list = viewerAction({
  args: {},
  returns: v.object({
    models: v.array(vModel),
    defaultModel: v.union(v.string(), v.null()),
    connected: v.boolean(),
    error: v.union(v.string(), v.null()),
  }),
  handler: () => listModels(),
});
