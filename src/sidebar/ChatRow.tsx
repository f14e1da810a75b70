import { Archive, ArchiveRestore, Ellipsis, NotebookPen, Pencil, Pin, PinOff, Trash2 } from "lucide-react";
import { memo, useState } from "react";
import { closeOverlay } from "../app/overlays.ts";
import { RouteLink } from "../app/RouteLink.tsx";
import { useText } from "../i18n/catalogue.ts";
import { cx } from "../ui/cx.ts";
import { IconButton } from "../ui/IconButton.tsx";
import { Loaded } from "../ui/Loaded.tsx";
import { Menu } from "../ui/Menu.tsx";
import { Spoken } from "../ui/Spoken.tsx";
import styles from "./ChatRow.module.css";
import { RenameField } from "./RenameField.tsx";
import type { Chat } from "./types.ts";
import { useChatActions } from "./useChatActions.ts";

const loadInstructionsSheet = async () =>
  (await import("../settings/ChatInstructionsSheet.tsx")).ChatInstructionsSheet;

/** One chat in the list: a link, its marks, and what can be done with it. */
export const ChatRow = memo(function ChatRow({ chat, current }: { chat: Chat; current: boolean }) {
  const text = useText();
  const actions = useChatActions();
  const [renaming, setRenaming] = useState(false);
  const [instructing, setInstructing] = useState(false);
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
      <Menu
        label={text.chatMenu(title)}
        trigger={
          <IconButton label={text.chatMenu(title)} className={styles.menu}>
            <Ellipsis size={16} />
          </IconButton>
        }
        entries={[
          {
            kind: "item",
            label: text.rename,
            icon: <Pencil size={16} />,
            onSelect: () => setRenaming(true),
          },
          {
            kind: "item",
            label: chat.pinned ? text.unpin : text.pin,
            icon: chat.pinned ? <PinOff size={16} /> : <Pin size={16} />,
            onSelect: () => actions.setPinned(chat, !chat.pinned),
          },
          {
            kind: "item",
            label: chat.archived ? text.unarchiveChat : text.archiveChat,
            icon: chat.archived ? <ArchiveRestore size={16} /> : <Archive size={16} />,
            onSelect: () => actions.setArchived(chat, !chat.archived),
          },
          {
            kind: "item",
            label: text.instructions,
            icon: <NotebookPen size={16} />,
            onSelect: () => setInstructing(true),
          },
          { kind: "separator" },
          {
            kind: "item",
            label: text.deleteChat,
            icon: <Trash2 size={16} />,
            danger: true,
            onSelect: () => actions.remove(chat),
          },
        ]}
      />
      {instructing && (
        <Loaded
          load={loadInstructionsSheet}
          onMissing={() => setInstructing(false)}
          onRetry={() => setInstructing(true)}
        >
          {(ChatInstructionsSheet) => (
            <ChatInstructionsSheet taskId={chat._id} title={title} onClose={() => setInstructing(false)} />
          )}
        </Loaded>
      )}
    </li>
  );
});
