import { useMutation } from "convex/react";
import { useState } from "react";
import { api } from "../../../convex/_generated/api";
import { reportFailure } from "../../app/failures.ts";
import { Button } from "../../ui/Button.tsx";
import { Sheet } from "../../ui/Sheet.tsx";
import type { ShownProvider } from "./providerEntry.ts";
import styles from "./ProvidersSection.module.css";
import { useProvidersTexts } from "./providersTexts.ts";

interface Props {
  provider: ShownProvider;
  onClose: (isRemoved: boolean) => void;
}

/** Asks before a provider is removed with its key. */
export function RemoveProviderSheet({ provider: { id, name }, onClose }: Props) {
  const text = useProvidersTexts();
  const remove = useMutation(api.modelProviders.remove);
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      await remove({ id });
      onClose(true);
    } catch (error) {
      reportFailure(error);
      onClose(false);
    }
  };
  return (
    <Sheet title={text.removeTitle(name)} hint={text.removeHint} onClose={() => onClose(false)}>
      <div className={styles.sheetButtons}>
        <Button onClick={() => onClose(false)}>{text.cancel}</Button>
        <Button look="danger" disabled={isBusy} onClick={() => void run()}>
          {text.remove}
        </Button>
      </div>
    </Sheet>
  );
}
