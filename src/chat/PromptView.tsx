import { Pencil } from "lucide-react";
import { memo, useState } from "react";
import { textOf } from "../../convex/shared/parts";
import { useText } from "../i18n/catalogue.ts";
import { attachmentsOf } from "../files/attachmentsOf.ts";
import { CopyButton } from "../ui/CopyButton.tsx";
import { BranchOff } from "../tree/BranchOff.tsx";
import { cx } from "../ui/cx.ts";
import { IconButton } from "../ui/IconButton.tsx";
import { Loaded } from "../ui/Loaded.tsx";
import actions from "./MessageActions.module.css";
import { PromptBubble } from "./PromptBubble.tsx";
import { TimeStamp } from "./TimeStamp.tsx";
import type { Message } from "./types.ts";
import { Variants } from "./Variants.tsx";

const loadEditor = async () => (await import("./EditPrompt.tsx")).EditPrompt;

/** A prompt that the server has: its text, to be copied, edited, or switched to another version. */
export const PromptView = memo(function PromptView({ message }: { message: Message }) {
  const text = useText();
  const [editing, setEditing] = useState(false);
  const content = textOf(message.parts);
  const files = attachmentsOf(message);
  if (editing) {
    return (
      <Loaded
        load={loadEditor}
        fallback={<PromptBubble content={content} files={files} />}
        onMissing={() => setEditing(false)}
        onRetry={() => setEditing(true)}
      >
        {(EditPrompt) => (
          <EditPrompt message={message} content={content} files={files} onDone={() => setEditing(false)} />
        )}
      </Loaded>
    );
  }
  return (
    <>
      <PromptBubble content={content} files={files} />
      <div className={cx(actions.actions, actions.end, actions.reveal)}>
        <span className={actions.meta}>
          <TimeStamp at={message._creationTime} />
        </span>
        {content !== "" && <CopyButton label={text.copy} getText={() => content} />}
        <IconButton label={text.edit} data-opens="" onClick={() => setEditing(true)}>
          <Pencil size={16} />
        </IconButton>
        <BranchOff message={message} />
        <span className={actions.always}>
          <Variants message={message} />
        </span>
      </div>
    </>
  );
});
