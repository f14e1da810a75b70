import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { ActionCtx } from "../../_generated/server";
import { failureData } from "../../shared/errors";
import { requireScriptCaller } from "../apiTokens/scriptCaller";
import { answerEvents, answerText, bodyOf } from "./answerBody";
import { readRequest } from "./readRequest";
import * as responses from "./responses";
import { runAndFollow } from "./runAndFollow";

/**
 * `POST /chat-stream`: a prompt in, the answer's text out while it is generated. For scripts; the page has live queries. It is a send
 * like every other, so that the same `clientMessageId` gets the same answer: its text so far, and then the rest. [G1, G2]
 */
export async function chatStream(ctx: ActionCtx, request: Request): Promise<Response> {
  try {
    return await answerRequest(ctx, request);
  } catch (error) {
    const data = failureData(error);
    if (data === null) throw error;
    return responses.errorResponse(data);
  }
}

async function answerRequest(ctx: ActionCtx, request: Request): Promise<Response> {
  const { userId, proof } = await requireScriptCaller(ctx, request);
  const prompt = await readRequest(request);
  if (prompt.model !== undefined) await readModels(ctx, userId, prompt.model);
  const receipt = await ctx.runMutation(internal.chatStream.send, { userId, ...prompt });
  const { taskId, assistantMessageId: messageId, runId, reused } = receipt;
  if (messageId === null || runId === null) return responses.queuedResponse(taskId);

  const run = runAndFollow(ctx, { userId, proof, messageId, runId });
  const headers = { [responses.TASK_HEADER]: taskId, [responses.MESSAGE_HEADER]: messageId };
  const stop = { signal: request.signal, ended: run.ended };
  if (request.headers.get("Accept")?.includes("text/event-stream")) {
    const events = answerEvents({ taskId, messageId, reused }, run.news);
    return responses.streamResponse("text/event-stream", headers, bodyOf(events, stop));
  }
  // Text cannot say how it ended: the status does, so nothing is sent before there is something to send.
  const first = await firstNews(run.news);
  const end = first.end;
  if (first.isLast && first.text === "" && end === null) {
    await run.ended;
    return responses.awaitingApprovalResponse(taskId, headers);
  }
  if (end !== null && responses.isFailed(end.endReason)) {
    await run.ended;
    return responses.failedResponse(end.endReason, end.errorMessage ?? "The answer broke off.", headers);
  }
  return responses.streamResponse(
    "text/plain",
    { ...headers, ...(end !== null && { [responses.END_HEADER]: end.endReason }) },
    bodyOf(answerText(first, run.news), stop),
  );
}

/** A script need not have asked for the list: it is read when its model is not known to be offered. What it lists decides. */
export async function readModels(ctx: ActionCtx, userId: Id<"users">, model: string): Promise<void> {
  if (await ctx.runQuery(internal.models.isOffered, { userId, model })) return;
  // Of a provider for which the caller has a key the list is not asked.
  const { checkProviders } = await import("../modelProviders/check");
  await checkProviders(ctx, userId);
}

/** The first that has text, or is the last. */
export async function firstNews(news: ReturnType<typeof runAndFollow>["news"]) {
  for (;;) {
    const { done, value } = await news.next();
    if (done) throw new Error("An answer was followed beyond its end");
    if (value.text !== "" || value.isLast) return value;
  }
}
