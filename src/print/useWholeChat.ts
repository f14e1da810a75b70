import { useConvex } from "convex/react";
import { useEffect, useState } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import type { Message } from "../chat/types.ts";

/** Messages read at once. */
const PAGE = 100;
/** Messages that are printed at most, the newest: a thousand pages. */
const MAX_MESSAGES = 10_000;

interface CompleteChat {
  readonly title: string;
  readonly newestFirst: readonly Message[];
  /** There are more than can be printed. */
  readonly cut: boolean;
}

export interface WholeChat {
  /** Null while it is read. */
  readonly complete: CompleteChat | null;
  /** Messages read so far. */
  readonly loaded: number;
  readonly failed: boolean;
}

const NOTHING: WholeChat = { complete: null, loaded: 0, failed: false };

/** Reads all messages of a chat as they are now, page by page. */
export function useWholeChat(taskId: Id<"tasks"> | null): WholeChat {
  const convex = useConvex();
  const [chat, setChat] = useState(NOTHING);
  useEffect(() => {
    if (taskId === null) return;
    let current = true;
    const read = async () => {
      const task = await convex.query(api.tasks.get, { taskId });
      const newestFirst: Message[] = [];
      let cursor: string | null = null;
      for (;;) {
        const result: { page: Message[]; isDone: boolean; continueCursor: string } = await convex.query(
          api.messages.list,
          { taskId, paginationOpts: { numItems: PAGE, cursor } },
        );
        if (!current) return;
        newestFirst.push(...result.page);
        cursor = result.continueCursor;
        const over = result.isDone || newestFirst.length >= MAX_MESSAGES;
        const complete = over ? { title: task?.title ?? "", newestFirst, cut: !result.isDone } : null;
        setChat({ complete, loaded: newestFirst.length, failed: false });
        if (over) return;
      }
    };
    read().catch(() => current && setChat({ ...NOTHING, failed: true }));
    return () => {
      current = false;
    };
  }, [convex, taskId]);
  return chat;
}
