import type { Id } from "../../convex/_generated/dataModel";
import { useText } from "../i18n/catalogue.ts";
import { Sheet } from "../ui/Sheet.tsx";
import { InstructionsField } from "./InstructionsField.tsx";

/** The instructions of one chat, opened from its menu. */
export function ChatInstructionsSheet({
  taskId,
  title,
  onClose,
}: {
  taskId: Id<"tasks">;
  title: string;
  onClose: () => void;
}) {
  const text = useText();
  return (
    <Sheet title={text.instructions} hint={title} onClose={onClose}>
      <InstructionsField taskId={taskId} label={text.instructionsForChat} />
    </Sheet>
  );
}
