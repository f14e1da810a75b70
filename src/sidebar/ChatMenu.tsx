import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { useText } from "../i18n/catalogue.ts";
import { IconButton } from "../ui/IconButton.tsx";
import { Loaded } from "../ui/Loaded.tsx";
import { LoadedMenu } from "../ui/Menu.tsx";
import type { Chat } from "./types.ts";

const loadMenu = async () => (await import("./OpenedChatMenu.tsx")).OpenedChatMenu;
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
  const [instructing, setInstructing] = useState(false);
  const title = chat.title === "" ? text.untitled : chat.title;
  const trigger = (
    <IconButton label={label} className={className}>
      <Ellipsis size={16} />
    </IconButton>
  );
  return (
    <>
      <LoadedMenu load={loadMenu} trigger={trigger}>
        {(OpenedChatMenu, focusFirst) => (
          <OpenedChatMenu
            {...{ chat, label, trigger, focusFirst, onRename }}
            onInstruct={() => setInstructing(true)}
          />
        )}
      </LoadedMenu>
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
