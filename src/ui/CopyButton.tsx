import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { useText } from "../i18n/catalogue.ts";
import { copyText } from "../lib/copyText.ts";
import { IconButton } from "./IconButton.tsx";
import { Spoken } from "./Spoken.tsx";
import { showToast } from "./toasts.ts";

/** ms that the tick stays. */
const CONFIRM_MS = 1_500;

/** Copies what `getText` gives at the time of the click, and says so. */
export function CopyButton({ label, getText }: { label: string; getText: () => string }) {
  const text = useText();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    copyText(getText()).then(
      () => setCopied(true),
      () => showToast({ tone: "error", message: text.copyFailed }),
    );
  };
  return (
    <>
      <IconButton label={label} onClick={copy}>
        {copied ? <Check size={16} /> : <Copy size={16} />}
      </IconButton>
      <Spoken role="status">{copied ? text.copied : ""}</Spoken>
    </>
  );
}
