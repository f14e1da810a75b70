import { memo, useState } from "react";
import { closeOverlay } from "../app/overlays.ts";
import { RouteLink } from "../app/RouteLink.tsx";
import { useText } from "../i18n/catalogue.ts";
import { cx } from "../ui/cx.ts";
import { Spoken } from "../ui/Spoken.tsx";
import { ChatMenu } from "./ChatMenu.tsx";
import styles from "./ChatRow.module.css";
import { RenameField } from "./RenameField.tsx";
import type { Chat } from "./types.ts";
import { useChatActions } from "./useChatActions.ts";

/** One chat in the list: a link, its marks, and what can be done with it. */
export const ChatRow = memo(function ChatRow({ chat, current }: { chat: Chat; current: boolean }) {
  const text = useText();
  const actions = useChatActions();
  const [renaming, setRenaming] = useState(false);
  const title = chat.title === "" ? text.untitled : chat.title;
  const unread = chat.unread && !current;

  if (renaming) {
    return (
      <li>
        <RenameField
          title={chat.title}
          onDone={(next) => {
            setRenaming(false);
            if (next !== null) actions.rename(chat, next);
          }}
        />
      </li>
    );
  }
  return (
    <li className={styles.row} data-current={current}>
      <RouteLink
        to={{ kind: "chat", taskId: chat._id }}
        className={styles.link}
        aria-current={current ? "page" : undefined}
        onClick={closeOverlay}
        title={title}
      >
        <span className={cx(styles.title, unread && styles.unread)} dir="auto">
          {title}
        </span>
        {chat.status === "RUNNING" ? (
          <span className={cx(styles.dot, styles.working)}>
            <Spoken>{text.generatingMark}</Spoken>
          </span>
        ) : (
          unread && (
            <span className={styles.dot}>
              <Spoken>{text.unreadMark}</Spoken>
            </span>
          )
        )}
      </RouteLink>
      <ChatMenu
        chat={chat}
        label={text.chatMenu(title)}
        className={styles.menu}
        onRename={() => setRenaming(true)}
      />
    </li>
  );
});
