import { Download } from "lucide-react";
import { useText } from "../i18n/catalogue.ts";
import { Sheet } from "../ui/Sheet.tsx";
import styles from "./PictureSheet.module.css";

/** A picture as large as the view allows. */
export function PictureSheet({
  filename,
  src,
  onClose,
}: {
  filename: string;
  src: string;
  onClose: () => void;
}) {
  const text = useText();
  return (
    <Sheet title={filename} onClose={onClose} className={styles.sheet}>
      <img className={styles.picture} src={src} alt={filename} />
      <a className={styles.download} href={src} download={filename}>
        <Download size={16} aria-hidden="true" />
        {text.files.download}
      </a>
    </Sheet>
  );
}
