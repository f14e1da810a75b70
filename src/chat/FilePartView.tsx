import { Paperclip } from "lucide-react";
import type { FilePart } from "../../convex/shared/parts";
import { useText } from "../i18n/catalogue.ts";
import { isSafeHref } from "../markdown/safeHref.ts";
import styles from "./Sources.module.css";

/** Only images that are inline or from this server are shown; everything else is a link. */
function isOwnImage(mediaType: string, url: string): boolean {
  return (
    mediaType.startsWith("image/") &&
    (url.startsWith("data:image/") || url.startsWith(window.location.origin))
  );
}

export function FilePartView({ part }: { part: FilePart }) {
  const text = useText();
  const name = part.filename ?? text.attachment;
  if (part.url !== undefined && isOwnImage(part.mediaType, part.url)) {
    return <img className={styles.picture} src={part.url} alt={name} loading="lazy" />;
  }
  if (part.url === undefined || !isSafeHref(part.url)) return <p>{name}</p>;
  return (
    <p>
      <a href={part.url} target="_blank" rel="noopener noreferrer">
        <Paperclip size={16} aria-hidden="true" /> {name}
      </a>
    </p>
  );
}
