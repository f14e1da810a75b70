import type { ConvexReactClient } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { MAX_CHUNKS_PER_READ, MAX_PAGE_ITEMS } from "../../convex/shared/limits";
import { mergeParts, type Part } from "../../convex/shared/parts";
import { isLive } from "../chat/types.ts";

/** All chats of a person, read page by page, so that no more than a page of one chat is held. */

export type ExportedChat = FunctionReturnType<typeof api.tasks.list>["page"][number];
type Message = FunctionReturnType<typeof api.exports.messages>["page"][number];
/** A message with all of its text. */
export type ExportedMessage = Omit<Message, "parts"> & { readonly parts: readonly Part[] };

export type Piece =
  | { kind: "chat"; chat: ExportedChat; instructions: string }
  | { kind: "message"; message: ExportedMessage }
  | { kind: "chatEnd"; chatsRead: number; of: number };

type Client = Pick<ConvexReactClient, "query">;

const PAGE = MAX_PAGE_ITEMS;

/** Reads until it is through, or until `signal` aborts. Errors: what a query is refused with. */
export async function* readChats(client: Client, signal: AbortSignal): AsyncGenerator<Piece, void, void> {
  const chats = await listChats(client, signal);
  let chatsRead = 0;
  for (const chat of chats) {
    signal.throwIfAborted();
    const instructions = await client.query(api.instructions.get, { taskId: chat._id });
    yield { kind: "chat", chat, instructions };
    for await (const message of messagesOf(client, chat._id, signal)) yield { kind: "message", message };
    chatsRead += 1;
    yield { kind: "chatEnd", chatsRead, of: chats.length };
  }
}

/** Those in the archive last. A chat that is used meanwhile moves to the front, so that the list is read until nothing is new in it. */
async function listChats(client: Client, signal: AbortSignal): Promise<ExportedChat[]> {
  const found = new Map<Id<"tasks">, ExportedChat>();
  for (let before = -1; found.size > before;) {
    before = found.size;
    for (const archived of [false, true]) {
      for (let cursor: string | null = null, isDone = false; !isDone;) {
        signal.throwIfAborted();
        const result: FunctionReturnType<typeof api.tasks.list> = await client.query(api.tasks.list, {
          ...{ archived, paginationOpts: { numItems: PAGE, cursor } },
        });
        for (const chat of result.page) if (!found.has(chat._id)) found.set(chat._id, chat);
        ({ isDone, continueCursor: cursor } = result);
      }
    }
  }
  return [...found.values()];
}

async function* messagesOf(
  client: Client,
  taskId: Id<"tasks">,
  signal: AbortSignal,
): AsyncGenerator<ExportedMessage, void, void> {
  for (let cursor: string | null = null, isDone = false; !isDone;) {
    signal.throwIfAborted();
    const result: FunctionReturnType<typeof api.exports.messages> = await client.query(api.exports.messages, {
      ...{ taskId, paginationOpts: { numItems: PAGE, cursor } },
    });
    for (const message of result.page) yield await withWholeText(client, message, signal);
    ({ isDone, continueCursor: cursor } = result);
  }
}

/** A long answer's text is in its log; a live one's too, as far as it has come. */
async function withWholeText(
  client: Client,
  message: Message,
  signal: AbortSignal,
): Promise<ExportedMessage> {
  const { _id: messageId, omittedChunks } = message;
  if (omittedChunks === null) return message;
  const end = isLive(message) ? Infinity : omittedChunks.to;
  const pieces: { index: number; parts: readonly Part[] }[] = [];
  for (let next = omittedChunks.from; next < end;) {
    signal.throwIfAborted();
    const read = await client.query(api.streamingResponses.listChunks, {
      ...{ messageId, from: next, to: next + MAX_CHUNKS_PER_READ },
    });
    const last = read.at(-1);
    if (last === undefined) break;
    // A page of rows may begin before `next`: it holds again what was read as single rows before they were put together.
    for (const piece of read) {
      while ((pieces.at(-1)?.index ?? -1) >= piece.index) pieces.pop();
      pieces.push(piece);
    }
    next = last.to;
  }
  return { ...message, parts: mergeParts([...message.parts, ...pieces.flatMap(({ parts }) => parts)]) };
}
