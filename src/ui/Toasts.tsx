import { X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useText } from "../i18n/catalogue.ts";
import { Button } from "./Button.tsx";
import { cx } from "./cx.ts";
import { IconButton } from "./IconButton.tsx";
import styles from "./Toasts.module.css";
import { dismissToast, runToastAction, TOAST_LIFETIME_MS, useToasts, type Toast } from "./toasts.ts";

/** As of Radix's toasts and of browsers' panes: goes to what has just been said. */
const TOAST_KEY = "F8";

/**
 * Messages that come and go. Announced politely; they stay while the pointer or the focus is on them. F8 goes to the newest one, and
 * the focus goes back when it has been dealt with.
 */
export function Toasts() {
  const text = useText();
  const toasts = useToasts();
  const [held, setHeld] = useState(false);
  const list = useRef<HTMLOListElement>(null);
  const cameFrom = useRef<Element | null>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const newest = list.current?.lastElementChild?.querySelector("button");
      if (event.key !== TOAST_KEY || !newest) return;
      event.preventDefault();
      cameFrom.current = document.activeElement;
      newest.focus();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  useEffect(() => {
    const { current: origin } = cameFrom;
    if (origin === null || (document.activeElement !== null && document.activeElement !== document.body))
      return;
    cameFrom.current = null;
    if (origin instanceof HTMLElement) origin.focus();
  }, [toasts]);
  // One that is dismissed takes the pointer's and the focus's leaving with it.
  if (held && toasts.length === 0) setHeld(false);
  return (
    <section
      className={styles.region}
      aria-label={text.notifications}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <ol ref={list} className={styles.list} aria-live="polite" aria-relevant="additions">
        {toasts.map((toast) => (
          <ToastItem key={toast.id} toast={toast} held={held} />
        ))}
      </ol>
    </section>
  );
}

function ToastItem({ toast, held }: { toast: Toast; held: boolean }) {
  const text = useText();
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismissToast(toast.id), TOAST_LIFETIME_MS);
    return () => clearTimeout(timer);
  }, [held, toast.id]);
  return (
    <li className={cx(styles.toast, toast.tone === "error" && styles.error)}>
      <span className={styles.message}>{toast.message}</span>
      {toast.action !== undefined && (
        <Button look="quiet" className={styles.action} onClick={() => runToastAction(toast)}>
          {toast.action.label}
        </Button>
      )}
      <IconButton label={text.dismiss} onClick={() => dismissToast(toast.id)}>
        <X size={16} />
      </IconButton>
    </li>
  );
}
