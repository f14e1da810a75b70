import { Wrench } from "lucide-react";
import type { ChatTask } from "../chat/types.ts";
import { useToolTexts, type ToolTexts } from "../i18n/toolTexts.ts";
import { cx } from "../ui/cx.ts";
import { IconButton } from "../ui/IconButton.tsx";
import { Menu } from "../ui/Menu.tsx";
import styles from "./ToolPicker.module.css";
import { useToolChoice, type OfferedTool } from "./useToolChoice.ts";

const labelOf = ({ kind, name }: OfferedTool, text: ToolTexts): string =>
  kind === "own" ? (text.names[name] ?? name) : name;

function hintOf({ kind, needsApproval, signIn }: OfferedTool, text: ToolTexts): string | undefined {
  const words = [
    ...(kind === "server" ? [text.server] : []),
    ...(signIn === "needed" || signIn === "again" ? [text.notSignedIn] : []),
    ...(needsApproval ? [text.asks] : []),
  ];
  return words.length === 0 ? undefined : words.join(" · ");
}

/** Chooses the tools that this chat's replies may use. Nothing where the server's owner offers none. */
export function ToolPicker({ task }: { task: ChatTask | null }) {
  const text = useToolTexts();
  const { offered, chosen, set } = useToolChoice(task);
  if (offered.length === 0) return null;
  const label = chosen.length === 0 ? text.title : text.chosen(chosen.length);
  return (
    <Menu
      align="start"
      label={text.title}
      trigger={
        <IconButton label={label} className={cx(chosen.length > 0 && styles.on)}>
          <Wrench size={18} />
          {chosen.length > 0 && <span className={styles.count}>{chosen.length}</span>}
        </IconButton>
      }
      entries={offered.map((tool) => ({
        kind: "check",
        label: labelOf(tool, text),
        hint: hintOf(tool, text),
        checked: chosen.includes(tool.id),
        onChange: (on) => set(tool.id, on),
      }))}
    />
  );
}
