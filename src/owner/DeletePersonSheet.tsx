import { useMutation } from "convex/react";
import { useState } from "react";
import { api } from "../../convex/_generated/api";
import { reportFailure } from "../app/failures.ts";
import { Button } from "../ui/Button.tsx";
import { Sheet } from "../ui/Sheet.tsx";
import styles from "./Owner.module.css";
import { useOwnerTexts } from "./ownerTexts.ts";
import { nameOf, type Person } from "./person.ts";

/** Asks before somebody is deleted with all that is theirs. */
export function DeletePersonSheet({ person, onClose }: { person: Person; onClose: () => void }) {
  const text = useOwnerTexts();
  const remove = useMutation(api.people.remove);
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      await remove({ userId: person.userId });
    } catch (error) {
      reportFailure(error);
    }
    onClose();
  };
  return (
    <Sheet title={text.deleteTitle(nameOf(person, text))} hint={text.deleteHint} onClose={onClose}>
      <div className={styles.buttons}>
        <Button onClick={onClose}>{text.cancel}</Button>
        <Button look="danger" disabled={isBusy} onClick={() => void run()}>
          {text.deleteAction}
        </Button>
      </div>
    </Sheet>
  );
}
