import type { ConvexReactClient } from "convex/react";
import { api } from "../../convex/_generated/api";
import type { ExportFormat, ExportWriter } from "./formats.ts";
import { readChats } from "./readChats.ts";

/** Characters that are held as text; what is more goes into a blob, which browsers keep on disk when it grows. */
const MAX_HELD_CHARS = 4 * 1024 * 1024;

/**
 * A file of all chats of the person. `onProgress` hears of each chat that was read. Errors: what a query is refused with; an AbortError
 * after `signal`.
 */
export async function writeExport(
  client: Pick<ConvexReactClient, "query" | "mutation">,
  { format, writer, signal }: { format: ExportFormat; writer: ExportWriter; signal: AbortSignal },
  onProgress: (chatsRead: number, of: number) => void,
): Promise<{ file: Blob; chats: number }> {
  const type = `${writer.mediaType};charset=utf-8`;
  await client.mutation(api.exports.begin, { format });
  let written = new Blob([], { type });
  let held = [writer.begin(await client.query(api.instructions.get, { taskId: null }), Date.now())];
  let heldChars = 0;
  let chats = 0;
  const put = () => {
    written = new Blob([written, ...held], { type });
    held = [];
    heldChars = 0;
  };
  for await (const piece of readChats(client, signal)) {
    const text = writer.write(piece);
    held.push(text);
    heldChars += text.length;
    if (heldChars > MAX_HELD_CHARS) put();
    if (piece.kind === "chatEnd") {
      chats = piece.chatsRead;
      onProgress(chats, piece.of);
    }
  }
  held.push(writer.end());
  put();
  return { file: written, chats };
}
