import { createStore, useStore } from "../lib/store.ts";

/** Chats that are about to be deleted: hidden already, but Undo brings them back. */
const store = createStore<ReadonlySet<string>>(new Set());

export const usePendingRemovals = () => useStore(store);

export const hideChat = (taskId: string) => store.update((hidden) => new Set(hidden).add(taskId));

export const showChat = (taskId: string) =>
  store.update((hidden) => new Set([...hidden].filter((id) => id !== taskId)));
