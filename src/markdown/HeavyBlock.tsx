import { useText } from "../i18n/catalogue.ts";
import { Button } from "../ui/Button.tsx";
import styles from "./Markdown.module.css";
import { PlainText } from "./PlainText.tsx";

/** A block that would hold up the page, as it was written, until the reader wants it formatted all the same. */
export function HeavyBlock({ source, onShow }: { source: string; onShow: () => void }) {
  const text = useText();
  return (
    <div data-plain="heavy">
      <div className={styles.heavy} role="note">
        <span>{text.heavyText}</span>
        <Button look="quiet" data-opens="" onClick={onShow}>
          {text.showAnyway}
        </Button>
      </div>
      <PlainText text={source} />
    </div>
  );
}
