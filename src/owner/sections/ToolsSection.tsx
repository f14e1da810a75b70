import { useMutation } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { useId } from "react";
import { api } from "../../../convex/_generated/api";
import { reportFailure } from "../../app/failures.ts";
import { useToolTexts } from "../../i18n/toolTexts.ts";
import { useViewerQuery } from "../../session/session.ts";
import styles from "./ToolsSection.module.css";
import { useToolsTexts } from "./toolsTexts.ts";

type ToolSetting = FunctionReturnType<typeof api.toolChoice.settings>[number];
type Audience = ToolSetting["audience"];

const AUDIENCES = ["nobody", "admins", "members", "everyone"] as const satisfies readonly Audience[];

/** For whom each tool is switched on. The owner changes it, admins see it. */
export function ToolsSection() {
  const text = useToolsTexts();
  const tools = useViewerQuery(api.toolChoice.settings, {});
  const me = useViewerQuery(api.accounts.me, {});
  if (tools === undefined || me === undefined) return null;
  const mayChange = me.role === "owner";
  return (
    <>
      <p className={styles.hint}>
        {text.hint} {mayChange ? text.audienceHint : text.ownerOnly}
      </p>
      <ul className={styles.tools}>
        {tools.map((tool) => (
          <Tool key={tool.id} tool={tool} mayChange={mayChange} />
        ))}
      </ul>
    </>
  );
}

function Tool({ tool, mayChange }: { tool: ToolSetting; mayChange: boolean }) {
  const text = useToolsTexts();
  const toolText = useToolTexts();
  const set = useMutation(api.toolChoice.setFor);
  const id = useId();
  const name = tool.kind === "own" ? (toolText.names[tool.name] ?? tool.name) : tool.name;
  const change = (changed: { audience: Audience } | { needsApproval: boolean }) =>
    void set({ id: tool.id, ...changed }).catch(reportFailure);
  const note = !tool.isUsable
    ? text.noEngine
    : tool.fixed.audience
      ? text.fixed
      : tool.kind === "server"
        ? toolText.server
        : null;
  return (
    <li className={styles.tool}>
      <div className={styles.words}>
        <span>{name}</span>
        {note !== null && (
          <span id={`${id}-note`} className={styles.note}>
            {note}
          </span>
        )}
      </div>
      <div className={styles.controls}>
        {tool.kind === "own" && (
          <label className={styles.asks}>
            <input
              type="checkbox"
              className={styles.box}
              aria-label={text.asksFor(name)}
              checked={tool.needsApproval}
              disabled={!mayChange || tool.fixed.needsApproval}
              onChange={(event) => change({ needsApproval: event.currentTarget.checked })}
            />
            {text.asks}
          </label>
        )}
        <select
          className={styles.audience}
          aria-label={text.forWhom(name)}
          aria-describedby={note === null ? undefined : `${id}-note`}
          value={tool.audience}
          disabled={!mayChange || tool.fixed.audience}
          onChange={(event) => {
            const audience = AUDIENCES.find((known) => known === event.currentTarget.value);
            if (audience !== undefined) change({ audience });
          }}
        >
          {AUDIENCES.map((audience) => (
            <option key={audience} value={audience}>
              {text.audiences[audience]}
            </option>
          ))}
        </select>
      </div>
    </li>
  );
}
