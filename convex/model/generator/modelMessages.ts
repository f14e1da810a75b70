import type { FilePart, ModelMessage, TextPart } from "ai";
import { fileKind } from "../../shared/files";
import { estimateTokens } from "../../shared/tokens";
import type { HistoryFile } from "../files/historyFiles";
import { saidIn } from "../runs/history";
import type { RunInput } from "../runs/runInput";
import { assistantMessages, newCallIds } from "./assistantMessages";
import type { FileBytes } from "./historyBytes";
import { CONTINUE_PROMPT, fileText } from "./promptTexts";
import { withoutThoughts } from "./thinkTags";

const SYSTEM_PROMPT = "You are a helpful assistant. Write Markdown where it helps the reader.";

/**
 * What the model is told before the conversation: the owner's instructions for all chats, then those for this one; undefined for nothing.
 * `unavailable`, `signedOut`: names of servers whose tools it would have. `summary`: of what it is not sent any more.
 */
export function systemPrompt(
  { allChats, thisChat, areWhole }: RunInput["instructions"],
  {
    unavailable = [],
    signedOut = [],
    summary = null,
  }: {
    unavailable?: readonly string[];
    signedOut?: readonly string[];
    summary?: string | null | undefined;
  } = {},
): string | undefined {
  if (areWhole) return thisChat === "" ? undefined : thisChat;
  const sections = [SYSTEM_PROMPT];
  if (unavailable.length > 0) sections.push(`Tools that cannot be reached now: ${unavailable.join(", ")}.`);
  if (signedOut.length > 0) {
    sections.push(
      `Tools that the user must sign in to first, as this page shows them how: ${signedOut.join(", ")}.`,
    );
  }
  if (allChats !== "") sections.push(`The user's instructions for all conversations:\n${allChats}`);
  if (thisChat !== "") sections.push(`The user's instructions for this conversation:\n${thisChat}`);
  if (summary !== null) {
    sections.push(
      `A summary of the older part of this conversation, which is not shown in full:\n${summary}`,
    );
  }
  return sections.join("\n\n");
}

/**
 * The conversation as the model that is asked is shown it. `bytes` are those of its files; `hasTools`: the request offers tools. `model`, `forgets`:
 * of `ConnectedModel`; null for a model without an id.
 */
export function modelMessages(
  input: Pick<RunInput, "history" | "answered" | "steps" | "context">,
  bytes: FileBytes,
  { hasTools, model, forgets = false }: { hasTools: boolean; model: string | null; forgets?: boolean },
): ModelMessage[] {
  const calls = { ids: newCallIds(), hasTools, model };
  const earlier = { ...calls, model: forgets ? null : model };
  const messages = input.history.flatMap((message): ModelMessage[] => {
    if (message.role === "ASSISTANT") return assistantMessages(message.said, earlier);
    const { text, files } = message;
    if (files.length === 0) return [{ role: "user", content: text }];
    const words: TextPart[] = text === "" ? [] : [{ type: "text", text }];
    return [{ role: "user", content: [...words, ...files.map((file) => filePart(file, bytes))] }];
  });
  const room = { tokens: input.context.answeredRoom };
  const { said } = saidIn(input.answered, room, Infinity, estimateTokens, input.steps);
  const answered = assistantMessages(said, calls);
  messages.push(...answered);
  // What tools gave is reason enough to go on.
  if (answered.at(-1)?.role === "assistant") messages.push({ role: "user", content: CONTINUE_PROMPT });
  return messages;
}

/** The same messages without thoughts that a model's server left in its text: what comes after tools is asked with them. */
export function messagesWithoutThoughts(messages: ModelMessage[]): ModelMessage[] {
  return messages.map((message): ModelMessage => {
    if (message.role !== "assistant" || typeof message.content === "string") return message;
    const parts = message.content.map((part) =>
      part.type === "text" ? { ...part, text: withoutThoughts(part.text) } : part,
    );
    return { ...message, content: parts.filter((part) => part.type !== "text" || part.text !== "") };
  });
}

/** Images and PDF go as they are; a text file as text, which every model reads; one that is left out as a note. */
function filePart(file: HistoryFile, bytes: FileBytes): TextPart | FilePart {
  const { filename, mediaType, storageId } = file;
  const data = storageId === null ? undefined : bytes.get(storageId);
  if (data === undefined) return { type: "text", text: leftOutNote(file) };
  if (fileKind(mediaType) !== "text") return { type: "file", data, mediaType, filename };
  return { type: "text", text: fileText(filename, new TextDecoder().decode(data)) };
}

const leftOutNote = ({ filename, mediaType, storageId }: HistoryFile): string =>
  storageId === null
    ? `\n\n[The user attached the file "${filename}" (${mediaType}) here. It is left out now, because the conversation has grown too long; ask for it again if you need it.]`
    : `\n\n[The user attached the file "${filename}" (${mediaType}) here. It has been deleted.]`;
