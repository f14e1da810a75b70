import { Download } from "lucide-react";
import { Suspense, useState } from "react";
import { useText } from "../i18n/catalogue.ts";
import { lazyPart } from "../ui/lazyPart.ts";
import styles from "./Sources.module.css";

const PictureSheet = lazyPart(async () => (await import("../files/PictureSheet.tsx")).PictureSheet);

/** A picture that a model made: opened as large as the view allows, and downloaded. */
export function MadePicture({ src, name }: { src: string; name: string }) {
  const text = useText();
  const [isOpen, setOpen] = useState(false);
  return (
    <figure className={styles.figure}>
      <button type="button" className={styles.opener} aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <img className={styles.picture} src={src} alt={name} loading="lazy" decoding="async" />
      </button>
      <figcaption>
        <a className={styles.file} href={src} download={name} target="_blank" rel="noopener noreferrer">
          <Download size={16} aria-hidden="true" />
          {text.files.download}
        </a>
      </figcaption>
      {isOpen && (
        <Suspense fallback={null}>
          <PictureSheet filename={name} src={src} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </figure>
  );
}
