import { X } from "lucide-react";
import { reachable } from "../app/convexUrl.ts";
import { useText } from "../i18n/catalogue.ts";
import { IconButton } from "../ui/IconButton.tsx";
import styles from "./DraftFiles.module.css";
import type { Attachment } from "./draftFiles.ts";
import { FileChip } from "./FileChip.tsx";
import { localOf } from "./previews.ts";

/** The files of a prompt that is being written anew: they stay, or are taken off. */
export function KeptFiles({
  files,
  onChange,
}: {
  files: readonly Attachment[];
  onChange: (files: readonly Attachment[]) => void;
}) {
  const text = useText();
  if (files.length === 0) return null;
  return (
    <ul className={styles.files} aria-label={text.files.label}>
      {files.map(({ _id: id, filename, mediaType, size, url }) => {
        const picture = localOf(id)?.url ?? (url === null ? null : reachable(url));
        return (
          <li key={id}>
            <FileChip
              {...{ filename, mediaType, size }}
              picture={mediaType.startsWith("image/") ? picture : null}
            >
              <IconButton
                label={text.files.remove(filename)}
                onClick={() => onChange(files.filter(({ _id }) => _id !== id))}
              >
                <X size={16} />
              </IconButton>
            </FileChip>
          </li>
        );
      })}
    </ul>
  );
}
