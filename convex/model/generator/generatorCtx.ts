import type { ActionCtx } from "../../_generated/server";

/** All that a generator needs of its caller, a Node action or an HTTP action. */
export type GeneratorCtx = Pick<ActionCtx, "runMutation" | "runQuery"> & {
  storage: Pick<ActionCtx["storage"], "get" | "store">;
};
