import { closeOverlay } from "../app/overlays.ts";
import { SHORTCUTS } from "../app/shortcuts.ts";
import { useText } from "../i18n/catalogue.ts";
import { usePreferences } from "../preferences/preferences.ts";
import { Sheet } from "../ui/Sheet.tsx";
import { Keys } from "./Keys.tsx";
import styles from "./SettingsSheet.module.css";

/** The keys of the page and of the composer. */
export function ShortcutsSheet() {
  const text = useText();
  const { sendKey } = usePreferences();
  const rows: [string, readonly string[]][] = [
    ...SHORTCUTS.map(({ action, keys }): [string, readonly string[]] => [text.actions[action], keys]),
    [text.send, sendKey === "enter" ? ["Enter"] : ["mod", "Enter"]],
    [text.newLine, sendKey === "enter" ? ["Shift", "Enter"] : ["Enter"]],
    [text.stopReply, ["Esc"]],
    [text.recall, ["↑"]],
    [text.toNotifications, ["F8"]],
  ];
  return (
    <Sheet title={text.shortcuts} onClose={closeOverlay}>
      <dl className={styles.rows}>
        {rows.map(([name, keys]) => (
          <div key={name} className={styles.row}>
            <dt>{name}</dt>
            <dd style={{ margin: 0 }}>
              <Keys keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </Sheet>
  );
}
