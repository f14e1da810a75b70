import type { ConvexClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { openClient } from "../lib/backend.ts";
import type { Implementation } from "./implementation.ts";

type StreamArgs =
  { kind: "list"; startOrder: number } | { kind: "deltas"; cursors: { streamId: string; cursor: number }[] };
type ListArgs = {
  threadId: string;
  paginationOpts: { numItems: number; cursor: string | null };
  streamArgs?: StreamArgs;
};
type ListResult = {
  page: { role: string; text: string }[];
  streams?:
    | { kind: "list"; messages: { streamId: string }[] }
    | { kind: "deltas"; deltas: { start: number; end: number; parts: { type: string; delta?: string }[] }[] };
};

const send = makeFunctionReference<
  "mutation",
  { prompt: string },
  { threadId: string; promptMessageId: string }
>("chat:send");
const generate = makeFunctionReference<"action", { threadId: string; promptMessageId: string }, null>(
  "chat:generate",
);
const list = makeFunctionReference<"query", ListArgs, ListResult>("chat:listMessages");

/** The queries of the agent's `useUIMessages(…, { stream: true })`, made as its hook makes them, without React. */
class DeltaViewer {
  private streamId: string | null = null;
  private cursor = 0;
  private text = "";
  private stopDeltas: () => void = () => {};

  constructor(
    private readonly client: ConvexClient,
    private readonly threadId: string,
    private readonly seen: (length: number) => void,
  ) {
    client.onUpdate(list, { threadId, paginationOpts: { numItems: 10, cursor: null } }, ({ page }) => {
      const answer = page.find(({ role }) => role === "assistant");
      if (answer && answer.text.length >= this.text.length) seen(answer.text.length);
    });
    const streams: StreamArgs = { kind: "list", startOrder: 0 };
    client.onUpdate(list, this.args(streams), ({ streams: found }) => {
      if (found?.kind !== "list") return;
      const [stream] = found.messages;
      if (stream && this.streamId === null) {
        this.streamId = stream.streamId;
        this.followFrom(0);
      } else if (!stream) this.stopDeltas();
    });
  }

  private args(streamArgs: StreamArgs): ListArgs {
    return { threadId: this.threadId, paginationOpts: { numItems: 0, cursor: null }, streamArgs };
  }

  /** The hook moves its cursor past what it has, which is another query. */
  private followFrom(cursor: number): void {
    const { stopDeltas, streamId } = this;
    if (streamId === null) return;
    this.cursor = cursor;
    const args = this.args({ kind: "deltas", cursors: [{ streamId, cursor }] });
    const subscription = this.client.onUpdate(list, args, ({ streams }) => {
      if (streams?.kind !== "deltas" || this.cursor !== cursor) return;
      let next = cursor;
      for (const { start, end, parts } of streams.deltas) {
        if (start < next) continue;
        for (const { type, delta } of parts) if (type === "text-delta") this.text += delta ?? "";
        next = end;
      }
      if (next === cursor) return;
      this.seen(this.text.length);
      this.followFrom(next);
    });
    this.stopDeltas = () => subscription.unsubscribe();
    stopDeltas();
  }
}

export const agent: Implementation = {
  name: "@convex-dev/agent",
  functions: "bench/peers/agent",
  async ask(url) {
    const person = openClient(url);
    const asked = await person.mutation(send, { prompt: "Please write." });
    return {
      async view(webSocketConstructor, seen) {
        const tab = openClient(url, webSocketConstructor);
        new DeltaViewer(tab, asked.threadId, seen);
        await tab.query(list, { threadId: asked.threadId, paginationOpts: { numItems: 10, cursor: null } });
        return { close: () => tab.close() };
      },
      async generate() {
        await person.action(generate, asked);
      },
      close: () => person.close(),
    };
  },
};
