import notice from "../composer/Notice.module.css";
import { useText } from "../i18n/catalogue.ts";
import { Button } from "../ui/Button.tsx";

/** Said after Send was pressed before the files are there: it waits for them, or for what is to be done about one. */
export function WaitingNotice({ failed, onCancel }: { failed: boolean; onCancel: () => void }) {
  const text = useText();
  return (
    <div className={notice.notice} role={failed ? "alert" : "status"}>
      <p>{failed ? text.files.waitsForYou : text.files.waits}</p>
      <div className={notice.buttons}>
        <Button onClick={onCancel}>{text.files.sendLater}</Button>
      </div>
    </div>
  );
}
