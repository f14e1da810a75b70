import { Paperclip } from "lucide-react";
import type { FilePart } from "../../convex/shared/parts";
import { reachable } from "../app/convexUrl.ts";
import { useText } from "../i18n/catalogue.ts";
import { isSafeHref } from "../markdown/safeHref.ts";
import { MadePicture } from "./MadePicture.tsx";
import styles from "./Sources.module.css";

/** Only images that are stored here, inline, or from this server are shown; everything else is a link. */
function isOwnImage({ mediaType, attachmentId }: FilePart, url: string): boolean {
  return (
    mediaType.startsWith("image/") &&
    (attachmentId !== undefined ||
      url.startsWith("data:image/") ||
      url.startsWith(`${window.location.origin}/`))
  );
}

/** A file that a model made: a picture is shown and can be downloaded; of one that could not be kept there is its name. */
export function FilePartView({ part }: { part: FilePart }) {
  const text = useText();
  const name = part.filename ?? text.attachment;
  const isStored = part.attachmentId !== undefined;
  const url = part.url !== undefined && isStored ? reachable(part.url) : part.url;
  if (url !== undefined && isOwnImage(part, url)) return <MadePicture src={url} name={name} />;
  if (url === undefined || !isSafeHref(url)) {
    return (
      <p className={styles.file}>
        <Paperclip size={16} aria-hidden="true" />
        {name}: {isStored ? text.files.gone : text.files.notKept}
      </p>
    );
  }
  return (
    <p>
      <a className={styles.file} href={url} download={name} target="_blank" rel="noopener noreferrer">
        <Paperclip size={16} aria-hidden="true" />
        {name}
      </a>
    </p>
  );
}
