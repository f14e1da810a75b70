import { useConvex, type ConvexReactClient } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { useEffect, useState } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";

export type UsageSum = FunctionReturnType<typeof api.usage.ofAnswer>;
type UsagePage = FunctionReturnType<typeof api.usage.since>;

const plus = (a: UsageSum, b: UsageSum): UsageSum => ({
  runs: a.runs + b.runs,
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  cachedTokens: a.cachedTokens + b.cachedTokens,
  reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  cost: a.cost + b.cost,
  untold: a.untold + b.untold,
  unpriced: a.unpriced + b.unpriced,
  estimated: a.estimated + b.estimated,
});

/** Adds up all pages of a sum. */
export async function sumPages(next: (before: number | null) => Promise<UsagePage>): Promise<UsageSum> {
  let { sum, before } = await next(null);
  while (before !== null) {
    const page = await next(before);
    sum = plus(sum, page.sum);
    before = page.before;
  }
  return sum;
}

/** When this month began here, milliseconds. */
export function monthStart(now = new Date()): number {
  return new Date(now.getFullYear(), now.getMonth(), 1).getTime();
}

/** The reply and chat whose usage is asked for; without, the month alone. */
export type UsageOf = { messageId: Id<"chatMessages">; taskId: Id<"tasks"> } | null;

export type Usage = { reply: UsageSum | null; chat: UsageSum | null; month: UsageSum };

async function load(convex: ConvexReactClient, of: UsageOf): Promise<Usage> {
  const { usage } = api;
  const from = monthStart();
  const [reply, chat, month] = await Promise.all([
    of && convex.query(usage.ofAnswer, { messageId: of.messageId }),
    of && sumPages((before) => convex.query(usage.ofChat, { taskId: of.taskId, before })),
    sumPages((before) => convex.query(usage.since, { from, before })),
  ]);
  return { reply, chat, month };
}

/** What a reply, its chat and this month took, asked for once; null until it is there. */
export function useUsage(of: UsageOf): Usage | "failed" | null {
  const convex = useConvex();
  const [usage, setUsage] = useState<Usage | "failed" | null>(null);
  const { messageId = null, taskId = null } = of ?? {};
  useEffect(() => {
    let wanted = true;
    load(convex, messageId === null || taskId === null ? null : { messageId, taskId }).then(
      (loaded) => wanted && setUsage(loaded),
      () => wanted && setUsage("failed"),
    );
    return () => {
      wanted = false;
    };
  }, [convex, messageId, taskId]);
  return usage;
}
