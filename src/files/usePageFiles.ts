import { useEffect, useEffectEvent, useState } from "react";
import { COMPOSER_ID } from "../composer/focusComposer.ts";
import { pastedFiles } from "./pastedFiles.ts";

const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;

/** A field that a paste is meant for, other than the composer's. */
function isOtherField(target: EventTarget | null): boolean {
  const field = target instanceof Element ? target.closest("input, textarea, [contenteditable]") : null;
  return field !== null && field.id !== COMPOSER_ID;
}

/**
 * Files dropped or pasted anywhere on the page; without this a browser leaves the page for what is dropped. Returns whether
 * files are held over it.
 */
export function usePageFiles(onFiles: (files: File[]) => void): boolean {
  const [held, setHeld] = useState(false);
  const take = useEffectEvent(onFiles);
  useEffect(() => {
    // Moving between elements enters one before it leaves the other.
    let depth = 0;
    const setDepth = (next: number) => {
      depth = Math.max(0, next);
      setHeld(depth > 0);
    };
    const onDrag = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      if (event.type === "dragenter") setDepth(depth + 1);
      if (event.type === "dragleave") setDepth(depth - 1);
      if (event.type !== "drop") return;
      setDepth(0);
      take([...(event.dataTransfer?.files ?? [])]);
    };
    const onPaste = (event: ClipboardEvent) => {
      const files = isOtherField(event.target) ? [] : pastedFiles(event.clipboardData);
      if (files.length === 0) return;
      event.preventDefault();
      take(files);
    };
    const listeners = new AbortController();
    const { signal } = listeners;
    for (const type of ["dragenter", "dragover", "dragleave", "drop"] as const) {
      window.addEventListener(type, onDrag, { signal });
    }
    window.addEventListener("paste", onPaste, { signal });
    return () => listeners.abort();
  }, []);
  return held;
}
