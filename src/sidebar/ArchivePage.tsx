import { useEffect } from "react";
import { useRoute } from "../app/route.ts";
import { ChatHeader } from "../chat/ChatHeader.tsx";
import { COMPOSER_ID } from "../composer/focusComposer.ts";
import { useText } from "../i18n/catalogue.ts";
import { useIsNarrow } from "../lib/useMediaQuery.ts";
import { usePreferences } from "../preferences/preferences.ts";
import { ChatList } from "./ChatList.tsx";
import styles from "./Sidebar.module.css";

/** Is the archive open and the list beside the page not to be seen? Then the page itself lists the archived chats. */
export function useIsArchivePage(): boolean {
  const narrow = useIsNarrow();
  const { sidebarOpen } = usePreferences();
  return useRoute().kind === "archive" && (narrow || !sidebarOpen);
}

/** The archived chats in the place of a chat. */
export function ArchivePage() {
  const text = useText();
  useEffect(() => {
    document.title = `${text.archive} · ${text.appName}`;
  }, [text]);
  return (
    <div className={styles.page}>
      <ChatHeader title={text.archive} />
      {/* Without a composer, the link past the list leads here. */}
      <div id={COMPOSER_ID} tabIndex={-1} className={styles.archived}>
        <ChatList archived />
      </div>
    </div>
  );
}
