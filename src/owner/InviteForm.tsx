import { useAction } from "convex/react";
import { useId, useState } from "react";
import { api } from "../../convex/_generated/api";
import { joinAddress } from "../account/links.ts";
import { reportFailure } from "../app/failures.ts";
import { Choice } from "../settings/Choice.tsx";
import { Button } from "../ui/Button.tsx";
import { LinkField } from "./LinkField.tsx";
import styles from "./Owner.module.css";
import { useOwnerTexts } from "./ownerTexts.ts";

const DAYS = [1, 7, 30, 90];

/** Makes the link of an invitation, which is shown this time only. `isOwner`: may invite admins. */
export function InviteForm({ isOwner }: { isOwner: boolean }) {
  const text = useOwnerTexts();
  const invite = useAction(api.accounts.invite);
  const [role, setRole] = useState<"member" | "admin">("member");
  const [days, setDays] = useState(7);
  const [address, setAddress] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const id = useId();
  const make = async () => {
    setBusy(true);
    try {
      setAddress(joinAddress(await invite({ role, days })));
    } catch (error) {
      reportFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={styles.form} role="group" aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`} className={`${styles.subtitle} ${styles.wide}`}>
        {text.invite}
      </h3>
      {isOwner && (
        <div className={styles.field}>
          <span aria-hidden>{text.inviteRole}</span>
          <Choice
            label={text.inviteRole}
            value={role}
            choices={{ member: text.roles.member, admin: text.roles.admin }}
            onChange={setRole}
          />
        </div>
      )}
      <div className={styles.field}>
        <label htmlFor={id}>{text.inviteDays}</label>
        <select
          id={id}
          className={styles.select}
          value={days}
          onChange={(event) => setDays(Number(event.currentTarget.value))}
        >
          {DAYS.map((count) => (
            <option key={count} value={count}>
              {text.days(count)}
            </option>
          ))}
        </select>
      </div>
      <Button look="primary" disabled={isBusy} onClick={() => void make()}>
        {text.makeLink}
      </Button>
      {address !== null && <LinkField address={address} hint={text.linkHint} />}
    </div>
  );
}
