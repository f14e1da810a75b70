import { createStore, useStore } from "../lib/store.ts";

/** A short message at the edge of the page, with the one action that helps. */
export interface Toast {
  readonly id: number;
  readonly tone: "info" | "error";
  readonly message: string;
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
  /** Called once when the toast leaves without its action having run. */
  readonly onLapse?: (() => void) | undefined;
}

/** ms: long enough to read two lines and to reach for Undo. */
export const TOAST_LIFETIME_MS = 7_000;
/** More would cover the page; the oldest leaves. */
const MOST_TOASTS = 4;

const store = createStore<readonly Toast[]>([]);
let nextId = 1;

export const useToasts = () => useStore(store);

export function showToast(toast: Omit<Toast, "id">): number {
  const id = nextId++;
  const crowded = store.get().slice(0, Math.max(0, store.get().length + 1 - MOST_TOASTS));
  for (const old of crowded) lapseToast(old.id);
  store.update((toasts) => [...toasts, { ...toast, id }]);
  return id;
}

function take(id: number): Toast | undefined {
  const toast = store.get().find((candidate) => candidate.id === id);
  store.update((toasts) => toasts.filter((candidate) => candidate.id !== id));
  return toast;
}

export function lapseToast(id: number) {
  take(id)?.onLapse?.();
}

export function runToastAction(id: number) {
  take(id)?.action?.run();
}
