import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { useText } from "../i18n/catalogue.ts";
import { useIsNarrow } from "../lib/useMediaQuery.ts";
import { usePreferences } from "../preferences/preferences.ts";
import { Spoken } from "../ui/Spoken.tsx";
import styles from "./Frame.module.css";
import { closeOverlay, useOverlay } from "./overlays.ts";

/** The page's two places: the list of chats (beside, or a drawer on a narrow screen) and the conversation. */
export function Frame({ side, main }: { side: ReactNode; main: ReactNode }) {
  const text = useText();
  const narrow = useIsNarrow();
  const { sidebarOpen } = usePreferences();
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#composer">
        {text.focusComposer}
      </a>
      {narrow ? (
        <Drawer>{side}</Drawer>
      ) : (
        <nav className={styles.side} data-open={sidebarOpen} aria-label={text.chats}>
          {side}
        </nav>
      )}
      <main className={styles.main}>{main}</main>
    </div>
  );
}

function Drawer({ children }: { children: ReactNode }) {
  const text = useText();
  const open = useOverlay() === "drawer";
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && closeOverlay()}>
      <Dialog.Portal>
        <Dialog.Overlay className={styles.scrim} />
        <Dialog.Content className={styles.drawer} aria-describedby={undefined}>
          <Dialog.Title asChild>
            <Spoken>{text.chats}</Spoken>
          </Dialog.Title>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
