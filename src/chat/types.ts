import type { FunctionReturnType } from "convex/server";
import type { api } from "../../convex/_generated/api";

export type ChatTask = NonNullable<FunctionReturnType<typeof api.tasks.get>>;
export type Message = FunctionReturnType<typeof api.messages.list>["page"][number];
export type EndReason = NonNullable<Message["endReason"]>;
export type LiveTail = NonNullable<FunctionReturnType<typeof api.streamingResponses.getStreamingResponse>>;

/** Whether a run is writing into this answer. */
export const isLive = (message: Message): boolean =>
  message.status === "pending" || message.status === "streaming";
