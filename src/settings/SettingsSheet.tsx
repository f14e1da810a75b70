import type { ReactNode } from "react";
import { AccountPane } from "../account/AccountPane.tsx";
import { DevicesPane } from "../account/DevicesPane.tsx";
import { TokensPane } from "../account/TokensPane.tsx";
import { closeOverlay } from "../app/overlays.ts";
import { ExportPane } from "../export/ExportPane.tsx";
import { useText } from "../i18n/catalogue.ts";
import { setPreferences, usePreferences, type Preferences } from "../preferences/preferences.ts";
import { ToolServers } from "../tools/ToolServers.tsx";
import { MonthUsage } from "../usage/MonthUsage.tsx";
import { Sheet } from "../ui/Sheet.tsx";
import { Choice } from "./Choice.tsx";
import { InstructionsField } from "./InstructionsField.tsx";
import styles from "./SettingsSheet.module.css";
import { YourKeys } from "./YourKeys.tsx";

/** Choices of this browser, and the person's instructions, which their other devices have too. Each takes effect at once. */
export function SettingsSheet() {
  const text = useText();
  const preferences = usePreferences();
  return (
    <Sheet title={text.settings} hint={text.settingsHint} onClose={closeOverlay}>
      <div className={styles.rows}>
        <Row label={text.theme}>
          <Choice<Preferences["theme"]>
            label={text.theme}
            value={preferences.theme}
            choices={text.themes}
            onChange={(theme) => setPreferences({ theme })}
          />
        </Row>
        <Row label={text.sendKey}>
          <Choice<Preferences["sendKey"]>
            label={text.sendKey}
            value={preferences.sendKey}
            choices={text.sendKeys}
            onChange={(sendKey) => setPreferences({ sendKey })}
          />
        </Row>
        <Row label={text.language}>
          <Choice<Preferences["language"]>
            label={text.language}
            value={preferences.language}
            choices={{ auto: text.languageAuto, en: "English", de: "Deutsch" }}
            onChange={(language) => setPreferences({ language })}
          />
        </Row>
        <Switch
          label={text.smoothing}
          on={preferences.smoothing}
          onChange={(smoothing) => setPreferences({ smoothing })}
        />
        <Switch
          label={text.followUps}
          on={preferences.followUps}
          onChange={(followUps) => setPreferences({ followUps })}
        />
        <div className={styles.wide}>
          <InstructionsField taskId={null} label={text.instructionsForAll} />
        </div>
        <div className={styles.wide}>
          <MonthUsage />
        </div>
        <YourKeys />
        <ToolServers />
        <AccountPane />
        <DevicesPane />
        <TokensPane />
        <ExportPane />
      </div>
    </Sheet>
  );
}

const Switch = ({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }) => (
  <label className={styles.row}>
    <span>{label}</span>
    <input
      type="checkbox"
      className={styles.check}
      checked={on}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  </label>
);

const Row = ({ label, children }: { label: string; children: ReactNode }) => (
  <div className={styles.row}>
    <span>{label}</span>
    {children}
  </div>
);
