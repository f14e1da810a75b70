import { v, type Infer } from "convex/values";
import { vSummaryOf } from "../validators";
import { vPrices } from "./keptFacts";

/** One request's tokens: as they were estimated, without any correction, and as the model's server counted them. */
export const vMeasured = v.object({ estimate: v.number(), counted: v.number() });

/** What a generator tells of its request with the end of its run. */
export const vRunRequest = v.object({
  /** The sequence of the first message that the model was sent, and whether there were others before. */
  contextFrom: v.number(),
  isCut: v.boolean(),
  summary: v.optional(vSummaryOf),
  /** The stored id of the model. */
  model: v.optional(v.string()),
  prices: v.optional(vPrices),
  measured: v.optional(vMeasured),
  /** The person's own key paid. */
  ownKey: v.optional(v.literal(true)),
});
export type RunRequest = Infer<typeof vRunRequest>;
