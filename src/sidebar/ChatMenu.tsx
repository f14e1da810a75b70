import { Archive, ArchiveRestore, Ellipsis, NotebookPen, Pencil, Pin, PinOff, Trash2 } from "lucide-react";
import { useState } from "react";
import { useText } from "../i18n/catalogue.ts";
import { IconButton } from "../ui/IconButton.tsx";
import { Loaded } from "../ui/Loaded.tsx";
import { Menu } from "../ui/Menu.tsx";
import type { Chat } from "./types.ts";
import { useChatActions } from "./useChatActions.ts";

const loadInstructionsSheet = async () =>
  (await import("../settings/ChatInstructionsSheet.tsx")).ChatInstructionsSheet;

interface Props {
  chat: Chat;
  label: string;
  className?: string | undefined;
  /** The caller shows a field in place of the title. */
  onRename: () => void;
}

/** What can be done with a chat: in its row of the list, and in its header. */
export function ChatMenu({ chat, label, className, onRename }: Props) {
  const text = useText();
  const actions = useChatActions();
  const [instructing, setInstructing] = useState(false);
  const title = chat.title === "" ? text.untitled : chat.title;
  return (
    <>
      <Menu
        label={label}
        trigger={
          <IconButton label={label} className={className}>
            <Ellipsis size={16} />
          </IconButton>
        }
        entries={[
          {
            kind: "item",
            label: text.rename,
            icon: <Pencil size={16} />,
            onSelect: onRename,
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
    </>
  );
}
