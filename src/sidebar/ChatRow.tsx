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

type ChatRowProps = {
  chat: Chat;
  current: boolean;
  /** Does its reply wait for a free place? */
  waiting: boolean;
  /** Does its reply wait for the person's approval? */
  toApprove: boolean;
};

/** One chat in the list: a link, its mark, and what can be done with it. */
export const ChatRow = memo(function ChatRow({ chat, current, waiting, toApprove }: ChatRowProps) {
  const text = useText();
  const actions = useChatActions();
  const [renaming, setRenaming] = useState(false);
  const title = chat.title === "" ? text.untitled : chat.title;
  const mark = markOf(chat, { current, waiting, toApprove });
  const words = {
    waiting: text.waitingForPlace,
    generating: text.generatingMark,
    toApprove: text.approvalMark,
    unread: text.unreadMark,
  };

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
        <span
          className={cx(styles.title, (mark === "unread" || mark === "toApprove") && styles.unread)}
          dir="auto"
        >
          {title}
        </span>
        {mark && (
          <span className={cx(styles.dot, styles[mark])}>
            <Spoken>{words[mark]}</Spoken>
          </span>
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

function markOf(
  { status, unread }: Chat,
  { current, waiting, toApprove }: Omit<ChatRowProps, "chat">,
): "waiting" | "generating" | "toApprove" | "unread" | null {
  if (status === "RUNNING" && toApprove) return "toApprove";
  // Unread while it is answering: a reply before this one.
  if (status === "RUNNING" && !(unread && !current)) return waiting ? "waiting" : "generating";
  return unread && !current ? "unread" : null;
}
