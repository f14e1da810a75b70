import { ArchiveRestore, PanelLeftOpen, SquarePen } from "lucide-react";
import { useState } from "react";
import { openOverlay } from "../app/overlays.ts";
import { navigate } from "../app/route.ts";
import { ConnectionState } from "../app/ConnectionState.tsx";
import { useText } from "../i18n/catalogue.ts";
import { useIsNarrow } from "../lib/useMediaQuery.ts";
import { setPreferences, usePreferences } from "../preferences/preferences.ts";
import { ChatMenu } from "../sidebar/ChatMenu.tsx";
import { RenameField } from "../sidebar/RenameField.tsx";
import { useChatActions } from "../sidebar/useChatActions.ts";
import { Button } from "../ui/Button.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import styles from "./ChatHeader.module.css";
import type { ChatTask } from "./types.ts";

/** The chat's title and menu, between the ways out of it. `task`: null while there is none. */
export function ChatHeader({ title, task = null }: { title: string; task?: ChatTask | null }) {
  const text = useText();
  const actions = useChatActions();
  const [renaming, setRenaming] = useState(false);
  const narrow = useIsNarrow();
  const { sidebarOpen } = usePreferences();
  const showsWayToChats = narrow || !sidebarOpen;
  return (
    <header className={styles.header}>
      {showsWayToChats && (
        <IconButton
          label={text.openSidebar}
          onClick={() => (narrow ? openOverlay("drawer") : setPreferences({ sidebarOpen: true }))}
        >
          <PanelLeftOpen size={18} />
        </IconButton>
      )}
      {renaming && task !== null ? (
        <div className={styles.title}>
          <RenameField
            title={task.title}
            onDone={(next) => {
              setRenaming(false);
              if (next !== null) actions.rename(task, next);
            }}
          />
        </div>
      ) : (
        <h1 className={styles.title} dir="auto">
          {title === "" ? text.untitled : title}
        </h1>
      )}
      {task?.archived === true && (
        <Button
          look="quiet"
          className={styles.archived}
          aria-label={`${text.archivedMark} · ${text.unarchiveChat}`}
          title={narrow ? text.unarchiveChat : undefined}
          onClick={() => actions.setArchived(task, false)}
        >
          {narrow ? <ArchiveRestore size={16} /> : `${text.archivedMark} · ${text.unarchiveChat}`}
          {narrow && text.archivedMark}
        </Button>
      )}
      <ConnectionState />
      {task !== null && <ChatMenu chat={task} label={text.thisChatMenu} onRename={() => setRenaming(true)} />}
      {showsWayToChats && (
        <IconButton label={text.newChat} onClick={() => navigate({ kind: "newChat" })}>
          <SquarePen size={18} />
        </IconButton>
      )}
    </header>
  );
}
