import { useState } from "react";
import { createPortal } from "react-dom";
import { closeOverlay } from "../app/overlays.ts";
import { useRoute } from "../app/route.ts";
import { asTaskId } from "../chat/chatKeys.ts";
import { useText } from "../i18n/catalogue.ts";
import { Button } from "../ui/Button.tsx";
import { Sheet } from "../ui/Sheet.tsx";
import { PrintedChat } from "./PrintedChat.tsx";
import styles from "./PrintSheet.module.css";
import { usePrintTexts } from "./printTexts.ts";
import { useWholeChat } from "./useWholeChat.ts";

/** Prints the open chat from its first message on, which the page itself never holds as a whole. */
export function PrintSheet() {
  const text = useText();
  const words = usePrintTexts();
  const route = useRoute();
  const taskId = route.kind === "chat" ? asTaskId(route.taskId) : null;
  const chat = useWholeChat(taskId);
  const [put, setPut] = useState(0);
  return (
    <Sheet title={text.actions.print} onClose={closeOverlay}>
      <p className={styles.state} role="status">
        {chat.failed
          ? words.failed
          : chat.complete === null
            ? words.loading(chat.loaded)
            : words.preparing(put, chat.complete.newestFirst.length)}
      </p>
      {chat.complete?.cut === true && (
        <p className={styles.state}>{words.cut(chat.complete.newestFirst.length)}</p>
      )}
      <Button onClick={closeOverlay}>{text.cancel}</Button>
      {chat.complete !== null &&
        createPortal(
          <PrintedChat
            title={chat.complete.title}
            newestFirst={chat.complete.newestFirst}
            onPut={setPut}
            onDone={closeOverlay}
          />,
          document.body,
        )}
    </Sheet>
  );
}
