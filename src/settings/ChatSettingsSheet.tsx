import { ChevronRight } from "lucide-react";
import type { ChatSettings } from "../../convex/shared/chatSettings";
import type { Effort } from "../../convex/shared/modelFacts";
import type { SettingChanges } from "../composer/useChatSettings.ts";
import { Sheet } from "../ui/Sheet.tsx";
import styles from "./ChatSettingsSheet.module.css";
import { Choice } from "./Choice.tsx";
import { NumberSetting } from "./NumberSetting.tsx";
import { useSettingsTexts } from "./settingsTexts.ts";

const BY_DEFAULT = "default";
type Level = Effort | typeof BY_DEFAULT;

interface Props {
  /** Those that the model has; none where it cannot be told. */
  efforts: readonly Effort[];
  settings: ChatSettings;
  onChange: (changes: SettingChanges) => void;
  onClose: () => void;
}

/** What is set for the replies of one chat. Each takes effect at once, from the next reply. */
export function ChatSettingsSheet({ efforts, settings, onChange, onClose }: Props) {
  const text = useSettingsTexts();
  const { effort, ...advanced } = settings;
  const levels = { [BY_DEFAULT]: text.byDefault } as Record<Level, string>;
  for (const level of efforts) levels[level] = text.efforts[level];
  return (
    <Sheet title={text.chatSettings} hint={text.chatSettingsHint} onClose={onClose}>
      {efforts.length > 0 && (
        <div className={styles.effort}>
          <span>{text.effort}</span>
          <Choice<Level>
            label={text.effort}
            value={effort !== undefined && efforts.includes(effort) ? effort : BY_DEFAULT}
            choices={levels}
            onChange={(level) => onChange({ effort: level === BY_DEFAULT ? null : level })}
          />
        </div>
      )}
      <details className={styles.advanced} open={efforts.length === 0 || Object.keys(advanced).length > 0}>
        <summary>
          <ChevronRight size={16} aria-hidden="true" />
          {text.advanced}
        </summary>
        <p className={styles.hint}>{text.advancedHint}</p>
        {(["temperature", "topP", "maxOutputTokens"] as const).map((setting) => (
          <NumberSetting
            key={setting}
            setting={setting}
            label={text[setting]}
            hint={text[`${setting}Hint`]}
            value={advanced[setting]}
            onChange={(value) => onChange({ [setting]: value })}
          />
        ))}
      </details>
    </Sheet>
  );
}
