import { PanelLeftOpen, SquarePen } from "lucide-react";
import { openOverlay } from "../app/overlays.ts";
import { navigate } from "../app/route.ts";
import { ConnectionState } from "../app/ConnectionState.tsx";
import { useText } from "../i18n/catalogue.ts";
import { useIsNarrow } from "../lib/useMediaQuery.ts";
import { setPreferences, usePreferences } from "../preferences/preferences.ts";
import { IconButton } from "../ui/IconButton.tsx";
import styles from "./ChatHeader.module.css";

/** The chat's title, between the ways out of it. */
export function ChatHeader({ title }: { title: string }) {
  const text = useText();
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
      <h1 className={styles.title} dir="auto">
        {title === "" ? text.untitled : title}
      </h1>
      <ConnectionState />
      {showsWayToChats && (
        <IconButton label={text.newChat} onClick={() => navigate({ kind: "newChat" })}>
          <SquarePen size={18} />
        </IconButton>
      )}
    </header>
  );
}
