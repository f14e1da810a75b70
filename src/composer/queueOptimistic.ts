import type { OptimisticLocalStore } from "convex/browser";
import type { FunctionReturnType } from "convex/server";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";

export type QueuedPrompt = FunctionReturnType<typeof api.queue.list>[number];

/** Shows a change of a chat's queue until the server's own answer is there. */
export function changeQueue(
  local: OptimisticLocalStore,
  taskId: Id<"tasks">,
  change: (prompts: QueuedPrompt[]) => QueuedPrompt[],
) {
  const prompts = local.getQuery(api.queue.list, { taskId });
  if (prompts !== undefined) local.setQuery(api.queue.list, { taskId }, change(prompts));
}
