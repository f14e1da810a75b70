import { useConvex } from "convex/react";
import { useCallback, useMemo, useRef } from "react";
import { api } from "../../convex/_generated/api";
import { failureData } from "../../convex/shared/errors";
import { reportFailure } from "../app/failures.ts";
import { newId } from "../composer/draftStore.ts";
import type { Receipt } from "../composer/receipt.ts";
import { startRun } from "./startRun.ts";
import type { Message } from "./types.ts";

/**
 * Requests another answer, or the continuation of one. A retry after a failure uses the same `clientMessageId`, so that a
 * lost response does not cause two.
 */
export function useAnswerRequests() {
  const convex = useConvex();
  const ids = useRef(new Map<string, string>());

  const request = useCallback(
    (key: string, send: (clientMessageId: string) => Promise<Receipt>) => {
      const clientMessageId = ids.current.get(key) ?? newId();
      ids.current.set(key, clientMessageId);
      const attempt = () => {
        send(clientMessageId).then(
          (receipt) => {
            ids.current.delete(key);
            startRun(convex, receipt.runId);
          },
          (error: unknown) => {
            // The server refused: nothing was done, and the next press is a new request.
            if (failureData(error) !== null) ids.current.delete(key);
            reportFailure(error, failureData(error) === null ? attempt : undefined);
          },
        );
      };
      attempt();
    },
    [convex],
  );

  return useMemo(
    () => ({
      /** By the chat's model, unless another is given. */
      regenerate: (message: Message, model?: string) =>
        request(`regenerate:${message._id}:${model ?? ""}`, (clientMessageId) =>
          convex.mutation(api.messages.regenerate, {
            messageId: message._id,
            clientMessageId,
            ...(model !== undefined && { model }),
          }),
        ),
      continueAnswer: (message: Message) =>
        request(`continue:${message._id}`, (clientMessageId) =>
          convex.mutation(api.messages.continueAnswer, { messageId: message._id, clientMessageId }),
        ),
    }),
    [convex, request],
  );
}
