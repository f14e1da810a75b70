import { usePaginatedQuery } from "convex/react";
import { useState } from "react";
import { api } from "../../../convex/_generated/api";
import { useSignedIn, useViewerQuery } from "../../session/session.ts";
import { Button } from "../../ui/Button.tsx";
import { DeletePersonSheet } from "../DeletePersonSheet.tsx";
import { InviteForm } from "../InviteForm.tsx";
import styles from "../Owner.module.css";
import { useOwnerTexts } from "../ownerTexts.ts";
import type { Person } from "../person.ts";
import { PersonRow } from "../PersonRow.tsx";
import { ResetLinkSheet } from "../ResetLinkSheet.tsx";

/** What lies over the list. */
type Open = { kind: "nothing" } | { kind: "delete" | "resetLink"; person: Person };

/** People asked for at once. */
const PAGE = 25;

/** Who has an account, and what may be done about it. */
export function PeopleSection() {
  const text = useOwnerTexts();
  const signedIn = useSignedIn();
  const me = useViewerQuery(api.accounts.me, {});
  const door = useViewerQuery(api.people.door, {});
  const { results, status, loadMore } = usePaginatedQuery(api.people.list, signedIn ? {} : "skip", {
    initialNumItems: PAGE,
  });
  const [open, setOpen] = useState<Open>({ kind: "nothing" });
  const close = () => setOpen({ kind: "nothing" });
  const isOwner = me?.role === "owner";
  return (
    <>
      <p className={styles.hint}>{text.privacy}</p>
      {door !== undefined && door.signUp.value !== "closed" && <InviteForm isOwner={isOwner} />}
      {status === "LoadingFirstPage" && <p className={styles.hint}>{text.loading}</p>}
      <ul className={styles.list}>
        {results.map((person) => (
          <PersonRow
            key={person.userId}
            person={person}
            isOwner={isOwner}
            onDelete={() => setOpen({ kind: "delete", person })}
            onResetLink={() => setOpen({ kind: "resetLink", person })}
          />
        ))}
      </ul>
      {status === "CanLoadMore" && <Button onClick={() => loadMore(PAGE)}>{text.more}</Button>}
      {open.kind === "delete" && <DeletePersonSheet person={open.person} onClose={close} />}
      {open.kind === "resetLink" && <ResetLinkSheet person={open.person} onClose={close} />}
    </>
  );
}
