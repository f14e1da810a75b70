import { v, type Infer } from "convex/values";
import type { Doc } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { filesOf, textOf } from "../../shared/parts";
import { contentOf } from "../messages/contentEnd";
import { newFileRoom, readHistoryFiles, vHistoryFile } from "../files/historyFiles";
import { readInstructions } from "../chats/instructions";
import { findRun } from "./generationLock";
import { runLimitMs } from "../settings";
import { vAnswerOfRun, vPart, vRole } from "../validators";

/** What a generator is told about its run. */

/** How many of the newest messages a model is shown, and how many characters, text files included. */
const MAX_HISTORY_MESSAGES = 200;
const MAX_HISTORY_CHARS = 200_000;

/**
 * Bytes that are read for it, including reasoning and tool output, which the model is not shown. With one more message (1 MiB at most)
 * this is far below the 16 MiB that a transaction may read.
 */
const MAX_HISTORY_BYTES = 6 * 1024 * 1024;

/** Bytes read from one answer's log, from its end: that is where it is continued. */
const MAX_ANSWER_BYTES = 1024 * 1024;

export const vRunInput = v.object({
  answer: vAnswerOfRun,
  model: v.union(v.string(), v.null()),
  /** The owner's instructions for all their chats and for this one; empty if there are none. */
  instructions: v.object({ allChats: v.string(), thisChat: v.string() }),
  /** Oldest first; the last one is the prompt. */
  history: v.array(v.object({ role: vRole, text: v.string(), files: v.array(vHistoryFile) })),
  /** What a continued answer already has; of a long one, its end. */
  answered: v.array(vPart),
  /** The position of the last part of the answer's content; -1 if it has none. */
  lastPosition: v.number(),
  /** The run's first flush has the next number. */
  flushSeq: v.number(),
  /** Milliseconds until the run must have ended. Not a point in time: the generator's clock may differ. */
  remainingMs: v.number(),
});
export type RunInput = Infer<typeof vRunInput>;

export async function readRunInput(ctx: QueryCtx, runId: string): Promise<RunInput | null> {
  const run = await findRun(ctx, runId);
  if (run?.state.kind !== "claimed") return null;
  const answer = await ctx.db.get("chatMessages", run.messageId);
  if (!answer) return null;
  const { parts: answered } = await contentOf(ctx, answer, MAX_ANSWER_BYTES);
  return {
    answer: { messageId: answer._id, userId: answer.userId },
    model: answer.model ?? null,
    instructions: {
      allChats: await readInstructions(ctx, answer.userId, null),
      thisChat: await readInstructions(ctx, answer.userId, answer.taskId),
    },
    history: await readHistory(ctx, answer),
    answered,
    lastPosition: answered.at(-1)?.position ?? -1,
    flushSeq: answer.chunkCount,
    remainingMs: Math.max(0, run.state.claimedAt + runLimitMs() - Date.now()),
  };
}

/** The messages before an answer that a model is shown, oldest first. */
export async function readHistory(ctx: QueryCtx, answer: Doc<"chatMessages">): Promise<RunInput["history"]> {
  const history: RunInput["history"] = [];
  const fileRoom = newFileRoom();
  let chars = 0;
  let bytes = 0;
  let messages = 0;
  const before = ctx.db
    .query("chatMessages")
    .withIndex("by_task_path", (q) =>
      q.eq("taskId", answer.taskId).eq("onPath", true).lt("sequence", answer.sequence),
    )
    .order("desc");
  for await (const message of before) {
    // The prompt itself is always included; an answer that was stopped before its first word says nothing.
    const isPrompt = messages === 0;
    if (!isPrompt && (bytes > MAX_HISTORY_BYTES || messages >= MAX_HISTORY_MESSAGES)) break;
    const { parts, bytesRead } = await contentOf(ctx, message, MAX_ANSWER_BYTES);
    messages += 1;
    bytes += bytesRead;
    const text = textOf(parts);
    chars += text.length;
    if (!isPrompt && chars > MAX_HISTORY_CHARS) break;
    const room = { isPrompt, chars: MAX_HISTORY_CHARS - chars };
    const { files, chars: fileChars } = await readHistoryFiles(ctx, filesOf(parts), fileRoom, room);
    chars += fileChars;
    if (text !== "" || files.length > 0) history.push({ role: message.role, text, files });
  }
  return history.reverse();
}
