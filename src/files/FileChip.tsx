import { FileText, Image as ImageIcon } from "lucide-react";
import type { ReactNode, Ref } from "react";
import { formatBytes } from "../../convex/shared/files";
import { pageLocale } from "../lib/pageLocale.ts";
import { cx } from "../ui/cx.ts";
import styles from "./FileChip.module.css";

interface Props {
  filename: string;
  mediaType: string;
  size: number;
  /** Of a picture. */
  picture?: string | null | undefined;
  /** In place of the size. */
  note?: ReactNode;
  failed?: boolean;
  ref?: Ref<HTMLSpanElement>;
  children?: ReactNode;
}

/** A file as one line: its picture or sign, its name, its size, and what can be done with it. */
export function FileChip({ filename, mediaType, size, picture, note, failed, ref, children }: Props) {
  const Sign = mediaType.startsWith("image/") ? ImageIcon : FileText;
  return (
    <span ref={ref} className={cx(styles.chip, failed && styles.failed)}>
      <span className={styles.sign}>
        {picture ? <img src={picture} alt="" /> : <Sign size={18} aria-hidden="true" />}
      </span>
      <span className={styles.words}>
        <bdi className={styles.name} title={filename}>
          {filename}
        </bdi>
        <span className={styles.note}>{note ?? formatBytes(size, pageLocale())}</span>
      </span>
      {children}
    </span>
  );
}
