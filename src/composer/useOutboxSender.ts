import { useConvex, type ConvexReactClient } from "convex/react";
import type { FunctionArgs } from "convex/server";
import { useEffect, useRef } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { failureData } from "../../convex/shared/errors";
import { failureText } from "../app/failures.ts";
import { currentRoute, navigate } from "../app/route.ts";
import { adoptNewChat } from "../chat/chatKeys.ts";
import { startRun } from "../chat/startRun.ts";
import { useStore } from "../lib/store.ts";
import { useSignedIn } from "../session/session.ts";
import { draftKeyOf } from "./draftKeys.ts";
import { moveDraft } from "./draftStore.ts";
import { saveSoon } from "./draftSync.ts";
import {
  dropFromOutbox,
  outboxStore,
  sendable,
  setOutboxState,
  type OutboxEntry,
  type SendState,
} from "./outbox.ts";
import type { Receipt } from "./receipt.ts";

/** What a failed send means. Null: try again by itself once there is a session. */
export function stateAfterFailure(error: unknown): SendState | null {
  switch (failureData(error)?.code) {
    case "UNAUTHENTICATED":
      return null;
    case "GENERATION_IN_PROGRESS":
      return { kind: "busy" };
    default:
      return { kind: "failed", message: failureText(error) };
  }
}

/** What a send was answered, and the runs that it began. */
interface Sent {
  readonly receipt: Receipt;
  readonly runIds: readonly (string | null)[];
}

async function sendToOne(
  convex: ConvexReactClient,
  args: FunctionArgs<typeof api.messages.send>,
): Promise<Sent> {
  const receipt = await convex.mutation(api.messages.send, args);
  return { receipt, runIds: [receipt.runId] };
}

/** Of a comparison the first answer is the one that the chat shows. */
async function sendToSeveral(
  convex: ConvexReactClient,
  args: FunctionArgs<typeof api.messages.compare>,
): Promise<Sent> {
  const { variants, ...receipt } = await convex.mutation(api.messages.compare, args);
  const [first] = variants;
  return {
    receipt: { ...receipt, assistantMessageId: first?.messageId ?? null, runId: first?.runId ?? null },
    runIds: variants.map(({ runId }) => runId),
  };
}

/** What was typed since the first prompt of a new chat was sent stays in the box that it was typed into. */
function takeDraftAlong(convex: ConvexReactClient, taskId: Id<"tasks">) {
  const newChat = draftKeyOf(null);
  if (!moveDraft(newChat, draftKeyOf(taskId))) return;
  // The part of it that the server may have is no new chat's any more.
  saveSoon(newChat, (draft) => convex.mutation(api.drafts.save, { taskId: null, ...draft }));
}

/**
 * Carries the outbox to the server while there is a session. Runs once, beside the page: a send goes on whatever chat
 * is on the screen, and waits by itself while there is no connection.
 */
export function useOutboxSender() {
  const convex = useConvex();
  const signedIn = useSignedIn();
  const outbox = useStore(outboxStore);
  const inFlight = useRef(new Set<string>());

  useEffect(() => {
    if (!signedIn) return;
    const send = async (entry: OutboxEntry) => {
      const prompt = {
        taskId: entry.taskId,
        clientMessageId: entry.clientMessageId,
        content: entry.content,
        whenBusy: entry.whenBusy,
        ...(entry.files.length === 0 ? {} : { attachmentIds: entry.files.map(({ _id }) => _id) }),
        ...(entry.taskId === null && entry.settings !== undefined && { settings: entry.settings }),
        ...(entry.taskId === null && entry.tools?.length ? { tools: [...entry.tools] } : {}),
      };
      const { receipt, runIds } =
        entry.models === null
          ? await sendToOne(convex, { ...prompt, ...(entry.model === null ? {} : { model: entry.model }) })
          : await sendToSeveral(convex, { ...prompt, models: [...entry.models] });
      // Before its state changes: that is when the next one of its chat is looked for.
      inFlight.current.delete(entry.clientMessageId);
      for (const runId of runIds) startRun(convex, runId);
      if (entry.taskId === null) {
        const opens = adoptNewChat(entry.chatKey, receipt.taskId) && currentRoute().kind === "newChat";
        if (opens) {
          takeDraftAlong(convex, receipt.taskId);
          navigate({ kind: "chat", taskId: receipt.taskId }, "replace");
        }
      }
      setOutboxState(entry.clientMessageId, { kind: "accepted", receipt });
      // The chat takes an entry out when it shows the prompt. It may not be there to do so, and a prompt from
      // before a reload may be pages back.
      const route = currentRoute();
      const onScreen = route.kind === "chat" && route.taskId === receipt.taskId;
      if (!onScreen || receipt.reused) dropFromOutbox([entry.clientMessageId]);
    };
    for (const entry of sendable(outbox, inFlight.current)) {
      const id = entry.clientMessageId;
      inFlight.current.add(id);
      send(entry).catch((error: unknown) => {
        inFlight.current.delete(id);
        const state = stateAfterFailure(error);
        if (state !== null) setOutboxState(id, state);
      });
    }
  }, [convex, outbox, signedIn]);
}
