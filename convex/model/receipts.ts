import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { failure } from "../shared/errors";
import { MAX_CLIENT_ID_CHARS } from "../shared/limits";
import { log } from "./log";
import { recordEvent } from "./metrics/events";
import type { Receipt } from "./validators";

/** The receipts of accepted requests: what makes sending twice harmless. [G1, G2] */

async function find(ctx: QueryCtx, userId: Id<"users">, clientMessageId: string) {
  return await ctx.db
    .query("receipts")
    .withIndex("by_user_clientMessageId", (q) =>
      q.eq("userId", userId).eq("clientMessageId", clientMessageId),
    )
    .unique();
}

/** What an earlier request with this `clientMessageId` was answered, or null. The first thing that each request asks. */
export async function findReceipt(
  ctx: MutationCtx,
  userId: Id<"users">,
  clientMessageId: string,
): Promise<Receipt | null> {
  if (clientMessageId === "" || clientMessageId.length > MAX_CLIENT_ID_CHARS) {
    throw failure("INVALID_INPUT", `clientMessageId must have 1 to ${MAX_CLIENT_ID_CHARS} characters.`);
  }
  const receipt = await find(ctx, userId, clientMessageId);
  if (!receipt) return null;
  log("MESSAGES", `Idempotent hit: clientMessageId=${clientMessageId}`);
  await recordEvent(ctx, "idempotentHits");
  return view(receipt, true);
}

/** Was this prompt taken out of the queue by its owner? */
export async function isWithdrawn(
  ctx: QueryCtx,
  userId: Id<"users">,
  clientMessageId: string,
): Promise<boolean> {
  return (await find(ctx, userId, clientMessageId))?.outcome.kind === "withdrawn";
}

/** Stores what a request, or a queued prompt that now starts, is answered. */
export async function writeReceipt(
  ctx: MutationCtx,
  receipt: Pick<Doc<"receipts">, "userId" | "clientMessageId" | "taskId" | "outcome">,
): Promise<Receipt> {
  const earlier = await find(ctx, receipt.userId, receipt.clientMessageId);
  if (earlier) await ctx.db.patch("receipts", earlier._id, { outcome: receipt.outcome });
  else await ctx.db.insert("receipts", receipt);
  return view(receipt, false);
}

function view(receipt: Pick<Doc<"receipts">, "taskId" | "outcome">, reused: boolean): Receipt {
  const { taskId, outcome } = receipt;
  switch (outcome.kind) {
    case "queued":
    case "withdrawn":
      return {
        taskId,
        promptMessageId: null,
        assistantMessageId: null,
        runId: null,
        status: "queued",
        reused,
      };
    case "started": {
      const { promptMessageId, assistantMessageId, runId } = outcome;
      return { taskId, promptMessageId, assistantMessageId, runId, status: "started", reused };
    }
    default:
      return outcome satisfies never;
  }
}
