import { memo } from "react";
import type { Part } from "../../convex/shared/parts";
import { FilePartView } from "./FilePartView.tsx";
import { ReasoningPart } from "./ReasoningPart.tsx";
import { TextPart } from "./TextPart.tsx";
import { ToolPart } from "./ToolPart.tsx";
import type { Message } from "./types.ts";

/** One part of an answer by its kind. `growing`: more of it may come. */
export const PartView = memo(
  function PartView({
    part,
    messageId,
    growing,
  }: {
    part: Part;
    messageId: Message["_id"];
    growing: boolean;
  }) {
    switch (part.type) {
      case "text":
        return <TextPart text={part.text} growing={growing} />;
      case "reasoning":
        return <ReasoningPart text={part.text} growing={growing} name={`${messageId}:${part.position}`} />;
      case "dynamic-tool":
        return <ToolPart part={part} messageId={messageId} />;
      case "file":
        return <FilePartView part={part} />;
      case "source-url":
        // Shown together, by Sources.
        return null;
      default:
        return part satisfies never;
    }
  },
  // Merging makes new objects; a part of text is the same when its text is.
  (before, after) =>
    before.growing === after.growing &&
    before.messageId === after.messageId &&
    (before.part === after.part ||
      ((before.part.type === "text" || before.part.type === "reasoning") &&
        before.part.type === after.part.type &&
        before.part.text === after.part.text)),
);
