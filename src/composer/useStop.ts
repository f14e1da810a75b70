import { useMutation } from "convex/react";
import { useCallback, useState } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { reportFailure } from "../app/failures.ts";
import { outboxStore } from "./outbox.ts";

/** Resolves with the chat that the new chat under `viewKey` became, or null when its prompt was not sent. */
function chatOf(viewKey: string): Promise<Id<"tasks"> | null> {
  return new Promise((resolve) => {
    const look = () => {
      const entry = outboxStore.get().find((candidate) => candidate.chatKey === viewKey);
      if (entry?.state.kind === "sending") return;
      unsubscribe();
      resolve(entry?.state.kind === "accepted" ? entry.taskId : null);
    };
    const unsubscribe = outboxStore.subscribe(look);
    look();
  });
}

/**
 * Stops the live reply of a chat. Pressing again is harmless. A Stop while the first prompt of a new chat is still on its
 * way takes effect when it has arrived; in a chat that exists, the client's mutations keep their order by themselves.
 */
export function useStop(viewKey: string, taskId: Id<"tasks"> | null) {
  const stopTask = useMutation(api.streaming.stopTask);
  const [stopping, setStopping] = useState(false);
  const stop = useCallback(() => {
    setStopping(true);
    const run = async () => {
      const target = taskId ?? (await chatOf(viewKey));
      if (target !== null) await stopTask({ taskId: target });
    };
    run()
      .catch((error: unknown) => reportFailure(error))
      .finally(() => setStopping(false));
  }, [stopTask, taskId, viewKey]);
  return { stop, stopping };
}
