import type { ActionCtx } from "../../_generated/server";
import { failureData } from "../../shared/errors";
import { requireScriptCaller } from "../apiTokens/scriptCaller";
import { CORS, failed } from "./completionErrors";

/** `GET /v1/models`: what can be asked, the default first. `created` is not known of any, and is 0. */
export async function modelObjects(ctx: ActionCtx, request: Request): Promise<Response> {
  try {
    const { userId } = await requireScriptCaller(ctx, request);
    const { listFor } = await import("../listFor");
    const { models, defaultModel } = await listFor(ctx, userId);
    const byDefault = models.filter(({ id }) => id === defaultModel);
    const data = [...byDefault, ...models.filter(({ id }) => id !== defaultModel)].map(
      ({ id, provider }) => ({
        ...{ id, object: "model", created: 0, owned_by: provider },
      }),
    );
    return Response.json({ object: "list", data }, { headers: { ...CORS, "Cache-Control": "no-store" } });
  } catch (error) {
    const data = failureData(error);
    if (data === null) throw error;
    return failed(data);
  }
}
