import { Download } from "lucide-react";
import { useText } from "../i18n/catalogue.ts";
import { cx } from "../ui/cx.ts";
import { Sheet } from "../ui/Sheet.tsx";
import styles from "./PictureSheet.module.css";

/** A picture as large as the view allows. */
export function PictureSheet({
  filename,
  src,
  scales = false,
  onClose,
}: {
  filename: string;
  src: string;
  /** It is as sharp when it is larger than it says. */
  scales?: boolean;
  onClose: () => void;
}) {
  const text = useText();
  return (
    <Sheet title={filename} onClose={onClose} className={styles.sheet}>
      <img className={cx(styles.picture, scales && styles.scales)} src={src} alt={filename} />
      <a className={styles.download} href={src} download={filename}>
        <Download size={16} aria-hidden="true" />
        {text.files.download}
      </a>
    </Sheet>
  );
}
