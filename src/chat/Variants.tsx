import { useMutation } from "convex/react";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { api } from "../../convex/_generated/api";
import { reportFailure } from "../app/failures.ts";
import { useText } from "../i18n/catalogue.ts";
import { useViewerQuery } from "../session/session.ts";
import { IconButton } from "../ui/IconButton.tsx";
import { useChat } from "./ChatContext.ts";
import styles from "./MessageActions.module.css";
import type { Message } from "./types.ts";

/** ‹ 2/3 ›: steps through the versions of a prompt or a reply. Nothing if there is only one. */
export function Variants({ message }: { message: Message }) {
  const text = useText();
  const { generating } = useChat();
  const several = message.variantCount > 1;
  const variants = useViewerQuery(api.messages.listVariants, several ? { messageId: message._id } : "skip");
  const select = useMutation(api.messages.selectVariant);
  if (!several) return null;

  const position = variants?.findIndex((variant) => variant.messageId === message._id) ?? message.variant;
  const step = (by: 1 | -1) => {
    const target = variants?.[position + by];
    if (target !== undefined) select({ messageId: target.messageId }).catch(reportFailure);
  };
  return (
    <span
      className={styles.variants}
      role="group"
      aria-label={text.variantLabel(position + 1, message.variantCount)}
    >
      <IconButton
        label={text.previousVariant}
        disabled={generating || variants?.[position - 1] === undefined}
        onClick={() => step(-1)}
      >
        <ChevronLeft size={16} />
      </IconButton>
      {text.variantOf(position + 1, message.variantCount)}
      <IconButton
        label={text.nextVariant}
        disabled={generating || variants?.[position + 1] === undefined}
        onClick={() => step(1)}
      >
        <ChevronRight size={16} />
      </IconButton>
    </span>
  );
}
