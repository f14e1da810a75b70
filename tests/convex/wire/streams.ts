/** Model servers' streams as bytes, cut into packets anywhere. */
import fc from "fast-check";
import type { Reply } from "../../../convex/providers/wire/replyReader";
import { ChatDialect } from "../../../convex/providers/wire/chatDialect";
import { ReplyReader } from "../../../convex/providers/wire/replyReader";
import type { Dialect } from "../../../convex/providers/wire/dialect";

const encoder = new TextEncoder();

/** Packets of the text's bytes, cut at these places, which may lie within a character. */
export function packets(text: string, cuts: readonly number[]): Uint8Array[] {
  const bytes = encoder.encode(text);
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...places, bytes.length].map((end, index) => bytes.slice(places[index - 1] ?? 0, end));
}

/** Ways to cut a text of bytes. */
export const anyCuts = fc.array(fc.nat({ max: 100_000 }), { maxLength: 40 });

/** `break`: the connection is lost after the packets; `open`: it stays open and silent. */
export function bodyOf(parts: readonly Uint8Array[], end: "close" | "break" | "open" = "close") {
  const rest = [...parts];
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = rest.shift();
      if (next !== undefined) controller.enqueue(next);
      else if (end === "close") controller.close();
      else if (end === "break") controller.error(new TypeError("terminated"));
      else return new Promise<void>(() => undefined);
      return undefined;
    },
  });
}

/** Everything that a reader gives. */
export async function readAll(
  parts: readonly Uint8Array[],
  { dialect = new ChatDialect(), end }: { dialect?: Dialect; end?: "close" | "break" | "open" } = {},
): Promise<Reply[]> {
  const reader = new ReplyReader(bodyOf(parts, end), dialect, { onBytes: () => undefined });
  const replies: Reply[] = [];
  for (;;) {
    const reply = await reader.next();
    if (reply === null) return replies;
    replies.push(reply);
    if (reply.kind === "refused") return replies;
  }
}

export type ChatChunk = {
  choices?: { delta: { content?: string; reasoning_content?: string }; finish_reason?: string }[];
  usage?: unknown;
  error?: { message: string; type: string | null };
};

/** What a person would see of chat chunks: the words, the thoughts, the end. */
export function seen(replies: readonly Reply[]) {
  const chunks = replies.flatMap((reply) => (reply.kind === "value" ? [reply.value as ChatChunk] : []));
  const deltas = chunks.flatMap(({ choices }) => choices ?? []);
  const refused = replies.find((reply) => reply.kind === "refused");
  return {
    text: deltas.map(({ delta }) => delta.content ?? "").join(""),
    thoughts: deltas.map(({ delta }) => delta.reasoning_content ?? "").join(""),
    finish: deltas.find(({ finish_reason: reason }) => reason !== undefined)?.finish_reason ?? null,
    usage: chunks.find(({ usage }) => usage !== undefined)?.usage ?? null,
    error: chunks.find(({ error }) => error !== undefined)?.error ?? null,
    refused: refused?.kind === "refused" ? refused.error : null,
  };
}
