import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { useText } from "../i18n/catalogue.ts";
import { Spoken } from "../ui/Spoken.tsx";
import styles from "./Frame.module.css";
import { closeOverlay } from "./overlays.ts";

/** The list of chats over the chat, on a narrow screen. */
export function Drawer({ children }: { children: ReactNode }) {
  const text = useText();
  return (
    <Dialog.Root open onOpenChange={(next) => !next && closeOverlay()}>
      <Dialog.Portal>
        <Dialog.Overlay className={styles.scrim} />
        <Dialog.Content
          className={styles.drawer}
          aria-describedby={undefined}
          onEscapeKeyDown={(event) => {
            // There it ends the renaming of a chat.
            if (event.target instanceof HTMLInputElement) event.preventDefault();
          }}
        >
          <Dialog.Title asChild>
            <Spoken>{text.chats}</Spoken>
          </Dialog.Title>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
