import { api } from "../../convex/_generated/api";
import { closeOverlay, openOverlay } from "../app/overlays.ts";
import { navigate } from "../app/route.ts";
import { useText } from "../i18n/catalogue.ts";
import { useViewerQuery } from "../session/session.ts";
import { Button } from "../ui/Button.tsx";
import { CopyButton } from "../ui/CopyButton.tsx";
import { Sheet } from "../ui/Sheet.tsx";
import styles from "./ConnectSheet.module.css";
import { useSettingsTexts } from "./settingsTexts.ts";

/** Where a key or the address of a model server is written: settings of the server, not of the page. */
const SETTINGS = [
  "OPENAI_API_KEY=sk-…",
  "OPENAI_BASE_URL=http://localhost:11434/v1",
  "ANTHROPIC_API_KEY=sk-ant-…",
] as const;

/** How a model is connected, for whoever runs the server. */
export function ConnectSheet() {
  const text = useText();
  const isOwner = useViewerQuery(api.accounts.me, {})?.role === "owner";
  const [openai, compatible, others] = SETTINGS;
  return (
    <Sheet title={text.connectModel} hint={text.connect.hint} onClose={closeOverlay}>
      {isOwner ? <OnOwnersPage /> : <p className={styles.file}>{text.connect.file}</p>}
      <Setting name={text.connect.openai} value={openai} />
      <Setting name={text.connect.compatible} value={compatible} />
      <Setting name={text.connect.others} value={others} />
      <p className={styles.then}>{text.connect.restart}</p>
      <OwnKeyHint />
    </Sheet>
  );
}

/** For the owner, who need not touch a file. */
function OnOwnersPage() {
  const text = useSettingsTexts();
  const open = () => {
    closeOverlay();
    navigate({ kind: "owner", section: "providers" });
  };
  return (
    <>
      <p className={styles.here}>
        {text.addHere}{" "}
        <Button look="primary" onClick={open}>
          {text.addProvider}
        </Button>
      </p>
      <p className={styles.file}>{text.orFile}</p>
    </>
  );
}

/** For whoever does not run the server, but may bring a key. */
function OwnKeyHint() {
  const text = useSettingsTexts();
  const keys = useViewerQuery(api.keys.list, {}) ?? [];
  if (keys.length === 0) return null;
  return (
    <p className={styles.own}>
      {text.orOwnKey} <Button onClick={() => openOverlay("settings")}>{text.keys}</Button>
    </p>
  );
}

function Setting({ name, value }: { name: string; value: string }) {
  const text = useText();
  return (
    <div className={styles.setting}>
      <p>{name}</p>
      <div className={styles.value} dir="ltr">
        <code>{value}</code>
        <CopyButton label={text.copy} getText={() => value} />
      </div>
    </div>
  );
}
