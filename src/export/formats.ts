import { filesOf, textOf } from "../../convex/shared/parts";
import type { ExportedChat, ExportedMessage, Piece } from "./readChats.ts";
import type { ExportTexts } from "./exportTexts.ts";

/** How chats are written into a file, piece by piece. */

export type ExportFormat = "JSON" | "Markdown";

export interface ExportWriter {
  readonly mediaType: string;
  readonly extension: string;
  /** What the file begins with; `instructions`: those for all chats. */
  begin(instructions: string, now: number): string;
  write(piece: Piece): string;
  end(): string;
}

/** The version of the file's form; another number when a reader of this one would misread it. */
const VERSION = 1;

/**
 * Everything that the chats hold, all versions of messages with their thoughts and tool calls: `messages` are oldest first, `parentId` is
 * what each follows, and `shown` tells those that the chat shows. Parts are as `convex/shared/parts.ts` has them.
 */
export function jsonWriter(): ExportWriter {
  const json = (value: unknown) => JSON.stringify(value);
  let chats = 0;
  let messages = 0;
  return {
    mediaType: "application/json",
    extension: "json",
    begin: (instructions, now) =>
      `{"format":"verbatim-chats","version":${VERSION},"exportedAt":${json(timeOf(now))},"instructions":${json(instructions)},"chats":[`,
    write(piece) {
      switch (piece.kind) {
        case "chat":
          messages = 0;
          // Left open for its messages.
          return `${chats++ === 0 ? "" : ","}\n${json(chatOf(piece.chat, piece.instructions)).slice(0, -1)},"messages":[`;
        case "message":
          return `${messages++ === 0 ? "" : ","}\n${json(messageOf(piece.message))}`;
        case "chatEnd":
          return "]}";
        default:
          return piece satisfies never;
      }
    },
    end: () => "\n]}\n",
  };
}

const timeOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const chatOf = (chat: ExportedChat, instructions: string) => ({
  id: chat._id,
  title: chat.title,
  createdAt: timeOf(chat._creationTime),
  lastActivityAt: timeOf(chat.lastActivityAt),
  ...{ pinned: chat.pinned, archived: chat.archived, model: chat.model, instructions },
});

const messageOf = (message: ExportedMessage) => ({
  id: message._id,
  parentId: message.parentMessageId,
  shown: message.onPath,
  role: message.role,
  model: message.model,
  status: message.status,
  endReason: message.endReason,
  errorMessage: message.errorMessage,
  createdAt: timeOf(message._creationTime),
  endedAt: timeOf(message.endedAt),
  usage: message.usage,
  parts: message.parts,
});

/** What the chats show, as text to read: without other versions, thoughts and tool calls. */
export function markdownWriter(text: ExportTexts, dateOf: (ms: number) => string): ExportWriter {
  return {
    mediaType: "text/markdown",
    extension: "md",
    begin: () => "",
    write(piece) {
      switch (piece.kind) {
        case "chat": {
          const { title, _creationTime, archived } = piece.chat;
          const facts = [dateOf(_creationTime), ...(archived ? [text.archived] : [])].join(" · ");
          return `# ${oneLine(title)}\n\n*${facts}*\n\n`;
        }
        case "message":
          return piece.message.onPath ? markdownOf(piece.message, text) : "";
        case "chatEnd":
          return "---\n\n";
        default:
          return piece satisfies never;
      }
    },
    end: () => "",
  };
}

const oneLine = (words: string): string => words.replace(/\s+/g, " ").trim();

function markdownOf(message: ExportedMessage, text: ExportTexts): string {
  const { role, model, parts, endReason } = message;
  const who = role === "USER" ? text.you : (model ?? text.model);
  const sources = parts.filter((part) => part.type === "source-url");
  const blocks = [
    `## ${oneLine(who)}`,
    textOf(parts),
    filesOf(parts)
      .map(({ filename, mediaType }) => `- ${text.file}: ${oneLine(filename ?? mediaType)}`)
      .join("\n"),
    sources.map(({ url, title }) => `- ${oneLine(title ?? url)}: <${url}>`).join("\n"),
    endReason === null || endReason === "finished" ? "" : `*${text.ends[endReason]}*`,
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n\n`;
}
