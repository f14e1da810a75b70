import { Archive, PanelLeftClose, Search, Settings, SquarePen } from "lucide-react";
import { closeOverlay, openOverlay } from "../app/overlays.ts";
import { navigate, useRoute } from "../app/route.ts";
import { RouteLink } from "../app/RouteLink.tsx";
import { useText } from "../i18n/catalogue.ts";
import { useIsNarrow } from "../lib/useMediaQuery.ts";
import { setPreferences } from "../preferences/preferences.ts";
import { Button } from "../ui/Button.tsx";
import { ErrorBoundary } from "../ui/ErrorBoundary.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import { Wordmark } from "../ui/Wordmark.tsx";
import { useIsArchivePage } from "./ArchivePage.tsx";
import { ChatList } from "./ChatList.tsx";
import styles from "./Sidebar.module.css";

/** The list of chats and the ways to everything that is not a chat. */
export function Sidebar() {
  const text = useText();
  const narrow = useIsNarrow();
  const archivePage = useIsArchivePage();
  const archived = useRoute().kind === "archive" && !archivePage;
  const hide = () => (narrow ? closeOverlay() : setPreferences({ sidebarOpen: false }));
  return (
    <div className={styles.sidebar}>
      <header className={styles.head}>
        <RouteLink to={{ kind: "newChat" }} className={styles.brand} onClick={closeOverlay}>
          <Wordmark />
        </RouteLink>
        <IconButton label={text.closeSidebar} onClick={hide}>
          <PanelLeftClose size={18} />
        </IconButton>
      </header>
      <div className={styles.actions}>
        <Button
          className={styles.new}
          onClick={() => {
            closeOverlay();
            navigate({ kind: "newChat" });
          }}
        >
          <SquarePen size={16} />
          {text.newChat}
        </Button>
        <IconButton label={text.search} onClick={() => openOverlay("palette")}>
          <Search size={18} />
        </IconButton>
      </div>
      <ErrorBoundary>
        <ChatList key={String(archived)} archived={archived} {...(archived && { heading: text.archive })} />
      </ErrorBoundary>
      <footer className={styles.foot}>
        <Button
          look="quiet"
          onClick={() => {
            if (narrow) closeOverlay();
            navigate({ kind: archived ? "newChat" : "archive" });
          }}
        >
          <Archive size={16} />
          {archived ? text.backToChats : text.archive}
        </Button>
        <IconButton label={text.settings} onClick={() => openOverlay("settings")}>
          <Settings size={18} />
        </IconButton>
      </footer>
    </div>
  );
}
