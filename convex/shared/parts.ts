/**
 * The pieces of an answer, and the one rule by which they become what a person sees.
 *
 * An answer is written as a log of *fragments*. A fragment of text adds to the part at its `position`; a tool call's
 * fragment replaces those of its fields that it names. Server and client both use `mergeParts`, so that a live
 * answer and the stored one cannot look different.
 */

import type { Id } from "../_generated/dataModel";

export type ToolState =
  /** Its input is being written, or it is about to start. */
  | "pending"
  /** A person must approve it first. */
  | "awaitingApproval"
  | "running"
  | "complete"
  | "failed"
  | "cancelled"
  | "timedOut"
  /** The person did not approve it. */
  | "refused"
  /** It was running when its server broke down: nobody knows whether it took effect. */
  | "unknown";

export type TextPart = { type: "text"; position: number; text: string };
export type ReasoningPart = {
  type: "reasoning";
  position: number;
  text: string;
  /** When the model began and ended to think, milliseconds since the epoch, as far as it is known. */
  startedAt?: number;
  endedAt?: number;
};
/**
 * A file that a model made has its `url`. A prompt's file is an attachment: stored with its id only, since an address belongs to
 * the deployment that serves it; whoever shows the message looks the `url` up, and there is none when the file is gone.
 */
export type FilePart = {
  type: "file";
  position: number;
  mediaType: string;
  url?: string;
  filename?: string;
  attachmentId?: Id<"attachments">;
  /** Bytes. */
  size?: number;
};
export type SourcePart = {
  type: "source-url";
  position: number;
  sourceId: string;
  url: string;
  title?: string;
};
/** A source that has no address: a file that the provider has. */
export type DocumentPart = {
  type: "source-document";
  position: number;
  sourceId: string;
  mediaType: string;
  title: string;
};
export type ToolPart = {
  type: "dynamic-tool";
  position: number;
  toolCallId: string;
  toolName: string;
  state: ToolState;
  /** JSON-like; a value that Convex cannot store arrives as its JSON text. */
  input?: unknown;
  output?: unknown;
  errorText?: string;
  /** The model's provider runs it by itself: nobody here can cancel it. */
  providerExecuted?: boolean;
  /** Milliseconds since the epoch. */
  startedAt?: number;
  endedAt?: number;
};

export type Part = TextPart | ReasoningPart | FilePart | SourcePart | DocumentPart | ToolPart;

/** A tool call in one of these states changes no more. */
export function isToolEnded(state: ToolState): boolean {
  return state !== "pending" && state !== "running" && state !== "awaitingApproval";
}

/**
 * Folds fragments, in the order of the log, into parts with strictly increasing positions. Pure; the input is not
 * changed. Folding a prefix and then the rest gives the same as folding everything.
 */
export function mergeParts<P extends Part>(fragments: readonly P[]): P[] {
  const byPosition = new Map<number, P>();
  const texts = new Map<number, string[]>();
  for (const fragment of fragments) {
    if (fragment.type === "text" || fragment.type === "reasoning") {
      const pieces = texts.get(fragment.position);
      if (pieces) {
        pieces.push(fragment.text);
        const before = byPosition.get(fragment.position);
        // Text that turned out to be the model's thoughts.
        if (before?.type !== fragment.type) byPosition.set(fragment.position, fragment);
        else if (fragment.type === "reasoning" && fragment.endedAt !== undefined)
          byPosition.set(fragment.position, { ...before, endedAt: fragment.endedAt });
        continue;
      }
      texts.set(fragment.position, [fragment.text]);
    }
    const before = byPosition.get(fragment.position);
    const isUpdate = before?.type === "dynamic-tool" && fragment.type === "dynamic-tool";
    byPosition.set(fragment.position, isUpdate ? { ...before, ...fragment } : fragment);
  }
  return [...byPosition.values()]
    .sort((a, b) => a.position - b.position)
    .map((part) => {
      if (part.type !== "text" && part.type !== "reasoning") return part;
      return { ...part, text: (texts.get(part.position) ?? []).join("") };
    });
}

/** All text of an answer, without its reasoning: what "copy" copies. */
export function textOf(parts: readonly Part[]): string {
  return parts
    .filter((part) => part.type === "text")
    .map((part) => part.text)
    .join("\n\n");
}

/** The files among the parts. */
export function filesOf(parts: readonly Part[]): FilePart[] {
  return parts.filter((part) => part.type === "file");
}

/** How many characters a fragment adds to an answer; what its size limits are counted in. */
export function sizeOf(part: Part): number {
  switch (part.type) {
    case "text":
    case "reasoning":
      return part.text.length;
    case "file":
      return part.url?.length ?? 0;
    case "source-url":
      return part.url.length + (part.title?.length ?? 0);
    case "source-document":
      return part.title.length;
    case "dynamic-tool":
      return JSON.stringify([part.input ?? null, part.output ?? null, part.errorText ?? null]).length;
    default:
      part satisfies never;
      return 0;
  }
}
