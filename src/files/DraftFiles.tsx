import { useMutation } from "convex/react";
import { RotateCcw, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { reachable } from "../app/convexUrl.ts";
import { reportFailure } from "../app/failures.ts";
import { useText } from "../i18n/catalogue.ts";
import { IconButton } from "../ui/IconButton.tsx";
import { Spoken } from "../ui/Spoken.tsx";
import styles from "./DraftFiles.module.css";
import type { Attachment, DraftFile } from "./draftFiles.ts";
import { FileChip } from "./FileChip.tsx";
import { localOf, uploadPreview } from "./previews.ts";
import { dropUpload, retryUpload, type Upload } from "./uploads.ts";

interface Props {
  taskId: Id<"tasks"> | null;
  files: readonly DraftFile[];
  /** The prompt is another one now. */
  onChange: () => void;
  /** What had the focus is gone, by a key: the next one needs a place. */
  onFocusLost: () => void;
}

/** The files of the prompt that is being written, each with a way to take it off. */
export function DraftFiles({ taskId, files, onChange, onFocusLost }: Props) {
  const text = useText();
  const failed = files.flatMap((file) =>
    file.kind === "upload" && file.upload.state.kind === "failed" ? file.upload : [],
  );
  return (
    <>
      <ul className={styles.files} aria-label={text.files.label}>
        {files.map((file) => (
          <li key={file.key}>
            {file.kind === "attached" ? (
              <AttachedChip taskId={taskId} file={file.file} onRemoved={onFocusLost} onChange={onChange} />
            ) : (
              <UploadChip upload={file.upload} onRemoved={onFocusLost} />
            )}
          </li>
        ))}
      </ul>
      <Spoken role="alert">
        {failed.map(({ filename, state }) =>
          state.kind === "failed" ? `${filename}: ${state.message} ` : "",
        )}
      </Spoken>
    </>
  );
}

function AttachedChip({
  taskId,
  file,
  onRemoved,
  onChange,
}: {
  taskId: Id<"tasks"> | null;
  file: Attachment;
  onRemoved: () => void;
  onChange: () => void;
}) {
  const text = useText();
  const remove = useMutation(api.attachments.remove).withOptimisticUpdate((local, { attachmentId }) => {
    const files = local.getQuery(api.attachments.listDraft, { taskId });
    if (files === undefined) return;
    local.setQuery(
      api.attachments.listDraft,
      { taskId },
      files.filter(({ _id }) => _id !== attachmentId),
    );
  });
  const { _id, filename, mediaType, size, url } = file;
  const picture = mediaType.startsWith("image/")
    ? (localOf(_id)?.url ?? (url === null ? null : reachable(url)))
    : null;
  return (
    <FileChip {...{ filename, mediaType, size, picture }}>
      <IconButton
        label={text.files.remove(filename)}
        onClick={(event) => {
          onChange();
          if (event.detail === 0) onRemoved();
          remove({ attachmentId: _id }).catch(reportFailure);
        }}
      >
        <X size={16} />
      </IconButton>
    </FileChip>
  );
}

function UploadChip({ upload, onRemoved }: { upload: Upload; onRemoved: () => void }) {
  const text = useText();
  const { id, filename, mediaType, file, state } = upload;
  const place = useRef<HTMLSpanElement>(null);
  const failed = state.kind === "failed";
  useEffect(() => {
    if (failed) place.current?.scrollIntoView({ block: "nearest" });
  }, [failed]);
  const note =
    state.kind === "failed" ? state.message : <Progress {...{ filename }} value={state.progress} />;
  return (
    <FileChip
      ref={place}
      {...{ filename, mediaType, note, failed }}
      size={file.size}
      picture={uploadPreview(id)}
    >
      {failed && (
        <IconButton label={text.files.retry(filename)} onClick={() => retryUpload(id)}>
          <RotateCcw size={16} />
        </IconButton>
      )}
      <IconButton
        label={text.files.remove(filename)}
        onClick={(event) => {
          if (event.detail === 0) onRemoved();
          dropUpload(id);
        }}
      >
        <X size={16} />
      </IconButton>
    </FileChip>
  );
}

function Progress({ filename, value }: { filename: string; value: number }) {
  const text = useText();
  const percent = Math.round(value * 100);
  return (
    <span
      className={styles.progress}
      role="progressbar"
      aria-label={text.files.uploading(filename)}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <i style={{ inlineSize: `${percent}%` }} />
    </span>
  );
}
