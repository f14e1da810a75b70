import { memo, Suspense } from "react";
import type { Part } from "../../convex/shared/parts";
import { lazyPart } from "../ui/lazyPart.ts";
import styles from "./Disclosure.module.css";
import { ReasoningPart } from "./ReasoningPart.tsx";
import { TextPart } from "./TextPart.tsx";
import type { Message } from "./types.ts";

/** Few replies have any. */
const ToolPart = lazyPart(async () => (await import("./ToolPart.tsx")).ToolPart);
const FilePartView = lazyPart(async () => (await import("./FilePartView.tsx")).FilePartView);

const endOf = (part: Part) => (part.type === "reasoning" ? part.endedAt : undefined);

/** One part of an answer by its kind. `growing`: more of it may come; `cited`, `cut` and `onPainting`: see TextPart. */
export const PartView = memo(
  function PartView({
    part,
    messageId,
    growing,
    cited,
    cut,
    onPainting,
  }: {
    part: Part;
    messageId: Message["_id"];
    growing: boolean;
    cited: string;
    cut: boolean;
    onPainting: (painting: boolean) => void;
  }) {
    switch (part.type) {
      case "text":
        return (
          <TextPart text={part.text} growing={growing} cited={cited} cut={cut} onPainting={onPainting} />
        );
      case "reasoning":
        return <ReasoningPart part={part} growing={growing} name={`${messageId}:${part.position}`} />;
      case "dynamic-tool":
        return (
          // As high as the part is, so that the text behind it stays where it is.
          <Suspense fallback={<div className={styles.loading} />}>
            <ToolPart part={part} messageId={messageId} />
          </Suspense>
        );
      case "file":
        return (
          <Suspense fallback={null}>
            <FilePartView part={part} />
          </Suspense>
        );
      case "source-url":
      case "source-document":
        // Shown together, by Sources.
        return null;
      default:
        return part satisfies never;
    }
  },
  // Merging creates new objects; a text part is unchanged if its text is.
  (before, after) =>
    before.growing === after.growing &&
    before.cited === after.cited &&
    before.cut === after.cut &&
    before.onPainting === after.onPainting &&
    before.messageId === after.messageId &&
    (before.part === after.part ||
      ((before.part.type === "text" || before.part.type === "reasoning") &&
        before.part.type === after.part.type &&
        before.part.text === after.part.text &&
        endOf(before.part) === endOf(after.part))),
);
