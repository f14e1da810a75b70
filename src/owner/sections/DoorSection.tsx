import { useMutation, useQuery } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import type { ReactNode } from "react";
import { api } from "../../../convex/_generated/api";
import { reportFailure } from "../../app/failures.ts";
import { useViewerQuery } from "../../session/session.ts";
import { Choice } from "../../settings/Choice.tsx";
import { numberOf } from "../format.ts";
import styles from "../Owner.module.css";
import { useOwnerTexts } from "../ownerTexts.ts";

type SetBy = FunctionReturnType<typeof api.people.door>["signUp"]["setBy"];

/** Who may come in: shown, and set where the environment does not say so. */
export function DoorSection() {
  const text = useOwnerTexts();
  const me = useViewerQuery(api.accounts.me, {});
  const inForce = useViewerQuery(api.people.door, {});
  const limits = useViewerQuery(api.people.limits, {});
  const door = useQuery(api.accounts.door);
  const setDoor = useMutation(api.people.setDoor);
  if (me === undefined || inForce === undefined || limits === undefined || door === undefined)
    return <p className={styles.hint}>{text.loading}</p>;
  const set = (changes: Parameters<typeof setDoor>[0]) => void setDoor(changes).catch(reportFailure);
  const isOwner = me.role === "owner";
  const { signUp, guests } = inForce;
  const guestDays = limits.find(({ name }) => name === "guestDays")?.value ?? 0;
  return (
    <>
      {door.kind === "machine" && <p className={styles.hint}>{text.machine}</p>}
      {!isOwner && <p className={styles.hint}>{text.ownerOnly}</p>}
      <Setting
        title={text.signUp}
        setBy={signUp.setBy}
        variable="VERBATIM_SIGN_UP"
        shown={text.signUps[signUp.value]}
        isOpen={isOwner}
      >
        <Choice
          label={text.signUp}
          value={signUp.value}
          choices={text.signUps}
          onChange={(value) => set({ signUp: value })}
        />
      </Setting>
      <Setting
        title={text.guests}
        setBy={guests.setBy}
        variable="VERBATIM_GUESTS"
        shown={text.guestsAre[guests.value ? "on" : "off"]}
        isOpen={isOwner}
      >
        <Choice
          label={text.guests}
          value={guests.value ? "on" : "off"}
          choices={text.guestsAre}
          onChange={(value) => set({ guests: value === "on" })}
        />
      </Setting>
      <p className={styles.hint}>{text.guestsHint(text.units.days(numberOf(guestDays)))}</p>
    </>
  );
}

/** What is in force, by whom; `children` change it, where that may be. */
function Setting({
  title,
  setBy,
  variable,
  shown,
  isOpen,
  children,
}: {
  title: string;
  setBy: SetBy;
  variable: string;
  shown: string;
  isOpen: boolean;
  children: ReactNode;
}) {
  const text = useOwnerTexts();
  return (
    <div className={styles.row}>
      <div className={styles.words}>
        <span>{title}</span>
        <small>{setBy === "environment" ? text.setBy.environment(variable) : text.setBy[setBy]}</small>
      </div>
      {isOpen && setBy !== "environment" ? children : <strong>{shown}</strong>}
    </div>
  );
}
