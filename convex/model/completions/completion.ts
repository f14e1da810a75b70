import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { ActionCtx } from "../../_generated/server";
import { failureData } from "../../shared/errors";
import { requireScriptCaller, type ScriptCaller } from "../apiTokens/scriptCaller";
import { firstNews, readModels } from "../chatStream/chatStream";
import { MAX_ISOLATE_FILE_BYTES } from "../chatStream/fileBytes";
import { runAndFollow } from "../chatStream/runAndFollow";
import { completionBody } from "./completionBody";
import { brokenEnd, CORS, endResponse, failed } from "./completionErrors";
import { completionObject, type Head, type Outcome } from "./completionObjects";
import { conversationDigest } from "./conversationDigest";
import { invalid, readCompletion, requestName, type Completion, type Turn } from "./readCompletion";
import type { Started, StoredTurn } from "./startCompletion";

/**
 * `POST /v1/chat/completions`: OpenAI's protocol on top of the same runs, so that editors and scripts can use Verbatim as their server. Each
 * request is a prompt with one answer [G1]; with an `Idempotency-Key` its repetition gets the same one [G2]. A client that leaves and has given
 * no key cannot come back for the answer: it is stopped. With a key it goes on.
 */
export async function completion(ctx: ActionCtx, request: Request): Promise<Response> {
  try {
    return await answer(ctx, request);
  } catch (error) {
    const data = failureData(error);
    if (data === null) throw error;
    return failed(data);
  }
}

async function answer(ctx: ActionCtx, request: Request): Promise<Response> {
  const caller = await requireScriptCaller(ctx, request);
  const asked = await readCompletion(request);
  const { name, isRepeatable } = await requestName(request);
  if (asked.model !== undefined) await readModels(ctx, caller.userId, asked.model);
  const receipt = await start(ctx, caller, asked, name);
  const { taskId, messageId, runId } = receipt;
  const run = runAndFollow(ctx, { ...caller, messageId, runId });
  const headers = { ...CORS, "Verbatim-Task": taskId, "Verbatim-Message": messageId };
  const stop = async () => {
    await ctx.runMutation(internal.completions.stop, { userId: caller.userId, messageId });
  };
  const leaving = isRepeatable ? null : onLeaving(request.signal, stop);
  const outcomeOf = async (text: string): Promise<Outcome> => {
    const digest = await conversationDigest(asked.system, [
      ...[...asked.history, asked.prompt],
      { role: "assistant", text, images: [] },
    ]);
    return await ctx.runMutation(internal.completions.finish, { userId: caller.userId, messageId, digest });
  };
  const head: Head = {
    id: `chatcmpl-${messageId}`,
    created: receipt.createdAt,
    model: asked.model ?? "default",
  };

  // How it fails before its first word a status can say.
  const first = await firstNews(run.news);
  const atOnce = first.isLast ? brokenEnd(first.end) : null;
  if (atOnce !== null) {
    await run.ended;
    leaving?.();
    return endResponse(atOnce.endReason, atOnce.errorMessage, headers);
  }
  if (asked.stream) {
    const body = completionBody(head, asked.includeUsage, {
      ...{ first, rest: run.news, ended: run.ended, outcomeOf },
      onGone: isRepeatable ? async () => undefined : stop,
      onOver: () => leaving?.(),
    });
    return new Response(body, {
      headers: {
        ...headers,
        "Content-Type": "text/event-stream; charset=utf-8",
        ...{ "Cache-Control": "no-store", "X-Accel-Buffering": "no" },
      },
    });
  }
  let { text, end } = first;
  for await (const news of first.isLast ? [] : run.news) {
    text += news.text;
    end = news.end;
  }
  await run.ended;
  leaving?.();
  const broken = brokenEnd(end);
  if (broken !== null) return endResponse(broken.endReason, broken.errorMessage, headers);
  const outcome = await outcomeOf(text);
  return Response.json(completionObject(head, text, outcome), {
    headers: { ...headers, "Cache-Control": "no-store" },
  });
}

async function start(
  ctx: ActionCtx,
  { userId }: ScriptCaller,
  asked: Completion,
  clientMessageId: string,
): Promise<Started> {
  const { system, history, prompt, settings, model } = asked;
  const digest = await conversationDigest(system, history);
  const stored: Id<"_storage">[] = [];
  const keep = async ({ role, text, images }: Turn): Promise<StoredTurn> => ({
    ...{ role, text },
    images: await Promise.all(
      images.map(async ({ mediaType, bytes }) => {
        const storageId = await ctx.storage.store(new Blob([bytes], { type: mediaType }));
        stored.push(storageId);
        return { storageId, mediaType, size: bytes.byteLength };
      }),
    ),
  });
  requireRoom([...history, prompt]);
  const turns = [];
  for (const turn of [...history, prompt]) turns.push(await keep(turn));
  const [storedPrompt] = turns.splice(-1);
  if (!storedPrompt) throw invalid('"messages" is missing');
  const result = await ctx
    .runMutation(internal.completions.start, {
      ...{ userId, clientMessageId, settings, system, history: turns, prompt: storedPrompt, digest },
      ...(model !== undefined && { model }),
    })
    .catch(async (error: unknown) => {
      await deleteAll(ctx, stored);
      throw error;
    });
  // Of a conversation that is known, and of a repetition, the images are there already.
  if (stored.length > 0) await ctx.runMutation(internal.completions.forgetLoose, { storageIds: stored });
  return result;
}

function requireRoom(turns: readonly Turn[]): void {
  const bytes = turns.flatMap(({ images }) => images).reduce((sum, image) => sum + image.bytes.byteLength, 0);
  if (bytes > MAX_ISOLATE_FILE_BYTES)
    throw invalid(`its images have more than ${MAX_ISOLATE_FILE_BYTES.toLocaleString("en")} bytes together`);
}

async function deleteAll(ctx: ActionCtx, storageIds: readonly Id<"_storage">[]): Promise<void> {
  for (const id of storageIds) await ctx.storage.delete(id);
}

/** Calls `leave` when the client has gone. Returns what is called when that does not matter any more. */
function onLeaving(signal: AbortSignal, leave: () => Promise<void>): () => void {
  let isOver = false;
  const gone = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  void gone
    .then(() => (isOver ? undefined : leave()))
    .catch((error: unknown) => console.error("[STREAMING] A stop failed", error));
  return () => {
    isOver = true;
  };
}
