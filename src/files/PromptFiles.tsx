import { Suspense, useState } from "react";
import { fileKind } from "../../convex/shared/files";
import { reachable } from "../app/convexUrl.ts";
import { useText } from "../i18n/catalogue.ts";
import { lazyPart } from "../ui/lazyPart.ts";
import type { Attachment } from "./draftFiles.ts";
import { FileChip } from "./FileChip.tsx";
import { localOf } from "./previews.ts";
import styles from "./PromptFiles.module.css";

const PictureSheet = lazyPart(async () => (await import("./PictureSheet.tsx")).PictureSheet);

/** A prompt's files: pictures in boxes of one size, so that nothing moves when they arrive; others to be downloaded. */
export function PromptFiles({ files }: { files: readonly Attachment[] }) {
  const text = useText();
  const [open, setOpen] = useState<string | null>(null);
  const shown = files.map((file) => ({ ...file, address: file.url === null ? null : reachable(file.url) }));
  const pictures = shown.filter(({ mediaType }) => fileKind(mediaType) === "image");
  const others = shown.filter((file) => !pictures.includes(file));
  const opened = pictures.find(({ _id }) => _id === open);
  return (
    <div className={styles.files}>
      {pictures.length > 0 && (
        <ul className={styles.pictures} data-single={pictures.length === 1}>
          {pictures.map(({ _id: id, filename, mediaType, size, address }) => {
            const src = localOf(id)?.url ?? address;
            return (
              <li key={id}>
                {src === null ? (
                  <FileChip {...{ filename, mediaType, size }} note={text.files.gone} />
                ) : (
                  <button
                    type="button"
                    className={styles.picture}
                    aria-haspopup="dialog"
                    onClick={() => setOpen(id)}
                  >
                    <img src={src} alt={filename} loading="lazy" decoding="async" />
                  </button>
                )}
              </li>
            );
          })}
        </ul>
      )}
      {others.length > 0 && (
        <ul className={styles.others}>
          {others.map(({ _id: id, filename, mediaType, size, address }) => (
            <li key={id}>
              {address === null ? (
                <FileChip {...{ filename, mediaType, size }} note={text.files.gone} />
              ) : (
                <a
                  className={styles.link}
                  href={address}
                  download={filename}
                  target="_blank"
                  rel="noreferrer"
                >
                  <FileChip {...{ filename, mediaType, size }} />
                </a>
              )}
            </li>
          ))}
        </ul>
      )}
      {opened !== undefined && (
        <Suspense fallback={null}>
          <PictureSheet
            filename={opened.filename}
            src={localOf(opened._id)?.url ?? opened.address ?? ""}
            onClose={() => setOpen(null)}
          />
        </Suspense>
      )}
    </div>
  );
}
