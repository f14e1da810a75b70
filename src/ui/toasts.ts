import { createStore, useStore } from "../lib/store.ts";

/** A short message at the edge of the page, with the one action that helps. */
export interface Toast {
  readonly id: number;
  readonly tone: "info" | "error";
  readonly message: string;
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
}

/** ms: long enough to read two lines and to reach for Undo. */
export const TOAST_LIFETIME_MS = 7_000;
/** More would cover the page; the oldest leaves. */
const MAX_TOASTS = 3;

const store = createStore<readonly Toast[]>([]);
let nextId = 1;

export const useToasts = () => useStore(store);

export function showToast(toast: Omit<Toast, "id">): number {
  const id = nextId++;
  store.update((toasts) => [...toasts, { ...toast, id }].slice(-MAX_TOASTS));
  return id;
}

export function dismissToast(id: number) {
  store.update((toasts) => toasts.filter((toast) => toast.id !== id));
}

export function dismissToasts() {
  store.set([]);
}

export function runToastAction({ id, action }: Toast) {
  dismissToast(id);
  action?.run();
}
