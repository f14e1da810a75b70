import { ImageIcon } from "lucide-react";
import type { ComponentProps } from "react";
import type { ExtraProps } from "streamdown";
import { useText } from "../i18n/catalogue.ts";
import styles from "./Markdown.module.css";
import { isSafeHref } from "./safeHref.ts";

/**
 * An image in a model's text is a link to it: loading it unasked would tell its server who reads, and a prompt
 * injection could carry words of the chat away in its address.
 */
export function RemoteImage({ src, alt = "" }: ComponentProps<"img"> & ExtraProps) {
  const text = useText();
  if (typeof src !== "string" || !isSafeHref(src)) return <span>{alt}</span>;
  return (
    <a className={styles.image} href={src} target="_blank" rel="noopener noreferrer nofollow" title={src}>
      <ImageIcon size={16} aria-hidden="true" />
      {text.imageLink(alt)}
    </a>
  );
}
