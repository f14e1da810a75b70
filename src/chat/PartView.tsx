import { memo } from "react";
import type { Part } from "../../convex/shared/parts";
import { FilePartView } from "./FilePartView.tsx";
import { ReasoningPart } from "./ReasoningPart.tsx";
import { TextPart } from "./TextPart.tsx";
import { ToolPart } from "./ToolPart.tsx";
import type { Message } from "./types.ts";

/** One part of an answer by its kind. `growing`: more of it may come; `cut` and `onPainting`: see TextPart. */
export const PartView = memo(
  function PartView({
    part,
    messageId,
    growing,
    cut,
    onPainting,
  }: {
    part: Part;
    messageId: Message["_id"];
    growing: boolean;
    cut: boolean;
    onPainting: (painting: boolean) => void;
  }) {
    switch (part.type) {
      case "text":
        return <TextPart text={part.text} growing={growing} cut={cut} onPainting={onPainting} />;
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
  // Merging creates new objects; a text part is unchanged if its text is.
  (before, after) =>
    before.growing === after.growing &&
    before.cut === after.cut &&
    before.onPainting === after.onPainting &&
    before.messageId === after.messageId &&
    (before.part === after.part ||
      ((before.part.type === "text" || before.part.type === "reasoning") &&
        before.part.type === after.part.type &&
        before.part.text === after.part.text)),
);
