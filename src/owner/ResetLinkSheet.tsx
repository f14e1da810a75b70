import { useAction } from "convex/react";
import { useState } from "react";
import { api } from "../../convex/_generated/api";
import { resetAddress } from "../account/links.ts";
import { reportFailure } from "../app/failures.ts";
import { Button } from "../ui/Button.tsx";
import { Sheet } from "../ui/Sheet.tsx";
import { LinkField } from "./LinkField.tsx";
import styles from "./Owner.module.css";
import { useOwnerTexts } from "./ownerTexts.ts";
import { nameOf, type Person } from "./person.ts";

/** Makes a link by which somebody sets a new password. */
export function ResetLinkSheet({ person, onClose }: { person: Person; onClose: () => void }) {
  const text = useOwnerTexts();
  const makeLink = useAction(api.accounts.makeResetLink);
  const [address, setAddress] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    try {
      setAddress(resetAddress(await makeLink({ userId: person.userId })));
    } catch (error) {
      reportFailure(error);
      onClose();
    }
  };
  return (
    <Sheet title={text.resetTitle(nameOf(person, text))} onClose={onClose}>
      {address === null ? (
        <p className={styles.hint}>{text.resetHint}</p>
      ) : (
        <LinkField address={address} hint={text.resetHint} />
      )}
      <div className={styles.buttons}>
        <Button onClick={onClose}>{address === null ? text.cancel : text.close}</Button>
        {address === null && (
          <Button look="primary" disabled={isBusy} onClick={() => void make()}>
            {text.makeLink}
          </Button>
        )}
      </div>
    </Sheet>
  );
}
