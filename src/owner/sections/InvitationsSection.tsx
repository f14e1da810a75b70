import { useMutation } from "convex/react";
import { api } from "../../../convex/_generated/api";
import { reportFailure } from "../../app/failures.ts";
import { useNow } from "../../lib/useNow.ts";
import { useViewerQuery } from "../../session/session.ts";
import { Button } from "../../ui/Button.tsx";
import { timeOf } from "../format.ts";
import styles from "../Owner.module.css";
import { useOwnerTexts } from "../ownerTexts.ts";

/** Invitations that nobody has used, and taking them back. */
export function InvitationsSection() {
  const text = useOwnerTexts();
  const invitations = useViewerQuery(api.accounts.invitations, {});
  const withdraw = useMutation(api.accounts.withdrawInvitation);
  const now = useNow(60_000);
  if (invitations === undefined) return <p className={styles.hint}>{text.loading}</p>;
  if (invitations.length === 0) return <p className={styles.hint}>{text.noInvitations}</p>;
  return (
    <ul className={styles.list}>
      {invitations.map(({ _id, _creationTime, role, expiresAt }) => (
        <li key={_id} className={styles.row}>
          <div className={styles.words}>
            <span>{text.invitedAs(text.roles[role])}</span>
            <small>
              {text.made(timeOf(_creationTime))} ·{" "}
              {expiresAt < now ? text.ended : text.endsOn(timeOf(expiresAt))}
            </small>
          </div>
          <Button
            aria-label={text.withdrawThe(timeOf(_creationTime))}
            onClick={() => void withdraw({ invitationId: _id }).catch(reportFailure)}
          >
            {text.withdraw}
          </Button>
        </li>
      ))}
    </ul>
  );
}
