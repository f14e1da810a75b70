/**
 * A person at the chat, without a page: the official client over a real socket, signed in as a guest, doing what the
 * page does. Tests and benchmarks watch queries until they show what they wait for; nothing here sleeps.
 */
import { randomUUID } from "node:crypto";
import { ConvexClient } from "convex/browser";
import type { FunctionArgs, FunctionReference, FunctionReturnType } from "convex/server";
import WebSocket from "ws";
import { api } from "../../convex/_generated/api.js";
import type { Id } from "../../convex/_generated/dataModel.js";

type PublicQuery = FunctionReference<"query">;

export type Receipt = FunctionReturnType<typeof api.messages.send>;
export type ChatMessage = FunctionReturnType<typeof api.messages.list>["page"][number];

export type ChatClientOptions = {
  /** The session of another client, to be the same person in another tab. */
  token?: string;
  webSocketConstructor?: typeof globalThis.WebSocket;
};

type SendOptions = {
  taskId?: Id<"tasks">;
  clientMessageId?: string;
  whenBusy?: "reject" | "queue" | "interrupt";
};

/** As many messages as a page of the chat asks for. */
const PAGE = { numItems: 50, cursor: null };

export class ChatClient {
  private constructor(
    readonly convex: ConvexClient,
    /** Signs in as this person again. */
    readonly token: string,
  ) {}

  static async open(url: string, options: ChatClientOptions = {}): Promise<ChatClient> {
    const convex = new ConvexClient(url, {
      webSocketConstructor:
        options.webSocketConstructor ?? (WebSocket as unknown as typeof globalThis.WebSocket),
      unsavedChangesWarning: false,
      logger: false,
    });
    const token = options.token ?? (await signInAsGuest(convex));
    convex.setAuth(() => Promise.resolve(token));
    return new ChatClient(convex, token);
  }

  /** Sends as the page does: the mutation, then the action that starts the run. */
  async send(content: string, options: SendOptions = {}): Promise<Receipt> {
    const receipt = await this.sendOnly(content, options);
    if (receipt.runId !== null && !receipt.reused) this.start(receipt.runId);
    return receipt;
  }

  /** The mutation alone: a tab that is closed before it can start the run. */
  sendOnly(content: string, { taskId, clientMessageId, whenBusy }: SendOptions = {}): Promise<Receipt> {
    return this.convex.mutation(api.messages.send, {
      taskId: taskId ?? null,
      clientMessageId: clientMessageId ?? randomUUID(),
      content,
      ...(whenBusy && { whenBusy }),
    });
  }

  /** Nobody waits for a run: what becomes of it is seen in its message. */
  start(runId: string): void {
    this.convex.action(api.generate.start, { runId }).catch(() => {});
  }

  /** Stays with a run that waits, as a page does: starts it when it is called, until a generator has it or it has ended. */
  async startWhenCalled({ assistantMessageId: messageId, runId }: Receipt): Promise<void> {
    if (messageId === null || runId === null) return;
    await this.until(api.streamingResponses.getStreamingResponse, { messageId }, (live) => {
      if (live?.state === "called") this.start(runId);
      return live === null || live.state === "streaming";
    });
  }

  stop(taskId: Id<"tasks">) {
    return this.convex.mutation(api.streaming.stopTask, { taskId });
  }

  /** The messages of a chat, oldest first, as they are now. */
  async messages(taskId: Id<"tasks">): Promise<ChatMessage[]> {
    const { page } = await this.convex.query(api.messages.list, { taskId, paginationOpts: PAGE });
    return page.toReversed();
  }

  /** The message, once `accept` holds for it. */
  async untilMessage(
    taskId: Id<"tasks">,
    messageId: Id<"chatMessages">,
    accept: (message: ChatMessage) => boolean,
  ): Promise<ChatMessage> {
    const find = (result: { page: ChatMessage[] }) => result.page.find(({ _id }) => _id === messageId);
    const result = await this.until(api.messages.list, { taskId, paginationOpts: PAGE }, (list) => {
      const message = find(list);
      return message !== undefined && accept(message);
    });
    return find(result)!;
  }

  /** The answer, once it has ended. */
  untilEnded(receipt: Receipt): Promise<ChatMessage> {
    if (receipt.assistantMessageId === null) throw new Error("It waits in the queue");
    return this.untilMessage(
      receipt.taskId,
      receipt.assistantMessageId,
      ({ status }) => status === "complete" || status === "failed",
    );
  }

  /** The first result of a live query that `accept` holds for. */
  until<Query extends PublicQuery>(
    query: Query,
    args: FunctionArgs<Query>,
    accept: (result: FunctionReturnType<Query>) => boolean,
  ): Promise<FunctionReturnType<Query>> {
    return new Promise((resolve, reject) => {
      const subscription = this.convex.onUpdate(
        query,
        args,
        (result: FunctionReturnType<Query>) => {
          if (!accept(result)) return;
          // Not before `onUpdate` has returned, which may be after the first result.
          queueMicrotask(() => subscription.unsubscribe());
          resolve(result);
        },
        reject,
      );
    });
  }

  close(): Promise<void> {
    return this.convex.close();
  }
}

async function signInAsGuest(convex: ConvexClient): Promise<string> {
  const { tokens } = await convex.action(api.auth.signIn, { provider: "anonymous" });
  if (!tokens) throw new Error("The server made no guest");
  return tokens.token;
}
