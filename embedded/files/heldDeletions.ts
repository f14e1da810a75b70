import type { FileStore } from "./fileStore.ts";

/** A file store whose deletions can be made to wait, so that an export finds the files that it has listed. */
export interface HoldableFileStore extends FileStore {
  /** Deletions wait until the function that it returns is called. */
  holdDeletions(): () => void;
}

export function withHeldDeletions(store: FileStore): HoldableFileStore {
  const holds = new Set<Promise<void>>();
  return {
    write: (body, maxBytes) => store.write(body, maxBytes),
    read: (uuid, range) => store.read(uuid, range),
    list: () => store.list(),
    delete: async (uuid) => {
      while (holds.size > 0) await Promise.all(holds);
      await store.delete(uuid);
    },
    holdDeletions: () => {
      let release!: () => void;
      const hold = new Promise<void>((resolve) => {
        release = resolve;
      });
      holds.add(hold);
      return () => {
        holds.delete(hold);
        release();
      };
    },
  };
}
