import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useState, type ReactNode } from "react";
import { useText } from "../i18n/catalogue.ts";
import { cx } from "./cx.ts";
import { IconButton } from "./IconButton.tsx";
import { keepFocus } from "./keepFocus.ts";
import styles from "./Sheet.module.css";

/** A modal dialog with a title; focus, Escape and the page behind it by Radix. */
export function Sheet({
  title,
  hint,
  onClose,
  bare = false,
  className,
  children,
}: {
  title: string;
  hint?: string;
  onClose: () => void;
  /** The title is only spoken, and nothing frames the content. */
  bare?: boolean;
  className?: string | undefined;
  children: ReactNode;
}) {
  const text = useText();
  // Radix gives the focus back to its own triggers only, and a sheet has none.
  const [opener] = useState(() => document.activeElement);
  const giveFocusBack = (event: Event) => {
    event.preventDefault();
    const isNowhere = document.activeElement === null || document.activeElement === document.body;
    if (isNowhere && opener instanceof HTMLElement) opener.focus();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className={styles.scrim} />
        <Dialog.Content
          ref={keepFocus}
          className={cx(styles.sheet, className)}
          onCloseAutoFocus={giveFocusBack}
          {...(hint === undefined ? { "aria-describedby": undefined } : {})}
        >
          <div className={bare ? styles.spoken : styles.head}>
            <Dialog.Title className={styles.title}>{title}</Dialog.Title>
            {!bare && (
              <Dialog.Close asChild>
                <IconButton label={text.close}>
                  <X size={18} />
                </IconButton>
              </Dialog.Close>
            )}
          </div>
          {hint !== undefined && <Dialog.Description className={styles.hint}>{hint}</Dialog.Description>}
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
