import type { ReactNode } from "react";
import { useText } from "../i18n/catalogue.ts";
import { useIsNarrow } from "../lib/useMediaQuery.ts";
import { usePreferences } from "../preferences/preferences.ts";
import { useIsArchivePage } from "../sidebar/ArchivePage.tsx";
import { Loaded } from "../ui/Loaded.tsx";
import styles from "./Frame.module.css";
import { closeOverlay, openOverlay, useOverlay } from "./overlays.ts";
import { useRoute } from "./route.ts";

const loadDrawer = async () => (await import("./Drawer.tsx")).Drawer;

/** The page's two places: the list of chats (beside, or a drawer on a narrow screen) and the open chat. */
export function Frame({ side, main }: { side: ReactNode; main: ReactNode }) {
  const text = useText();
  const narrow = useIsNarrow();
  const isOwnerPage = useRoute().kind === "owner";
  const hasComposer = !useIsArchivePage() && !isOwnerPage;
  const { sidebarOpen } = usePreferences();
  const drawerOpen = useOverlay() === "drawer";
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#composer">
        {hasComposer ? text.focusComposer : text.skipToContent}
      </a>
      {narrow ? (
        drawerOpen && (
          <Loaded load={loadDrawer} onMissing={closeOverlay} onRetry={() => openOverlay("drawer")}>
            {(Drawer) => <Drawer>{side}</Drawer>}
          </Loaded>
        )
      ) : (
        <nav className={styles.side} data-open={sidebarOpen} aria-label={text.chats}>
          {side}
        </nav>
      )}
      <main className={styles.main}>{main}</main>
    </div>
  );
}
