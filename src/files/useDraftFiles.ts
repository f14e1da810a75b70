import { useEffect, useMemo } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { draftKeyOf } from "../composer/draftKeys.ts";
import { outboxStore } from "../composer/outbox.ts";
import { readStored, writeStored } from "../lib/storage.ts";
import { useStore } from "../lib/store.ts";
import { useViewerQuery } from "../session/session.ts";
import { draftFiles, readiness, type DraftFile } from "./draftFiles.ts";
import { uploadsStore } from "./uploads.ts";

/** How many files each draft had when it was last seen. */
const COUNT_PREFIX = "verbatim:draft-files:";

export interface DraftFiles {
  readonly files: readonly DraftFile[];
  /** What stands between them and sending. */
  readonly state: ReturnType<typeof readiness>;
}

/**
 * The files of a chat's draft. After a reload the page knows that there were some before the server says which: until then they
 * count as uploading, so that a prompt is not sent without them.
 */
export function useDraftFiles(taskId: Id<"tasks"> | null): DraftFiles {
  const draftKey = draftKeyOf(taskId);
  const attached = useViewerQuery(api.attachments.listDraft, { taskId });
  const allUploads = useStore(uploadsStore);
  const outbox = useStore(outboxStore);
  const files = useMemo(() => {
    const uploads = allUploads.filter((upload) => upload.draftKey === draftKey);
    return draftFiles(attached ?? [], uploads, outbox);
  }, [allUploads, attached, draftKey, outbox]);

  const known = attached !== undefined;
  const count = files.length;
  useEffect(() => {
    if (known) writeStored(COUNT_PREFIX + draftKey, count === 0 ? null : count);
  }, [count, draftKey, known]);

  const expected = !known && readStored(COUNT_PREFIX + draftKey) !== null;
  return { files, state: expected ? "uploading" : readiness(files) };
}
